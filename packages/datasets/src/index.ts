export { type ArchiveLimits, defaultArchiveLimits } from './archives.js';
export { DownloadError } from './download.js';
export { type ImportAnyOptions, importAny } from './importAny.js';
export { cifar10Classes, cifar10Downloads } from './importers/cifar10.js';
export { shapesClasses } from './importers/shapes.js';
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
export type { ImportProgress, OnProgress } from './progress.js';
export { RememberedDatasets } from './remembered.js';
export { DatasetStore, type ImportRequest, type StoreOptions } from './store.js';
