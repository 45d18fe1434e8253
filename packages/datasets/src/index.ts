export {
  type LabelledImages,
  openPacked,
  type PackedDataset,
  type PackedOptions,
  PackedWriter,
  type Section,
  type Split,
  type SplitSections,
  writePacked,
} from './packed.js';
