import { InvalidInputError, type SamplesPictureQuery } from '@trainyard/contracts';
import { captionedGridPng, drawSamples, isWritable, maxCaptionedPixels, type PackedDataset } from '@trainyard/datasets';

/** A request must not make a picture that fills the memory. */
const maxPixels = 32 * 1024 * 1024;
const suitableWidth = 100;

/**
 * A grid of images, drawn by seed and ordered by class: below each its class (by number, where the font has not all
 * characters of the name) and its index in the split. @returns PNG @throws InvalidInputError where it were too large
 */
export async function drawSamplesPicture(packed: PackedDataset, query: SamplesPictureQuery): Promise<Buffer> {
  const { imageShape: shape, classes } = packed.dataset;
  const { split, class: className = null, count, columns, seed, page } = query;
  const scale = query.scale ?? Math.min(8, Math.max(1, Math.floor(suitableWidth / shape[1])));
  const pixels = maxCaptionedPixels({ shape, columns, scale }, count);
  if (pixels > maxPixels) {
    throw new InvalidInputError(
      `count: ${count} images of ${shape[1]}x${shape[0]} pixels at scale ${scale} make a picture of up to ` +
        `${Math.ceil(pixels / 1e6)} million pixels; ${Math.floor(maxPixels / 1e6)} are allowed: ask for fewer`,
    );
  }
  const { images, labels, indices } = await drawSamples(packed, { split, className, count, seed, page });
  const nameOf = (label: number) => {
    const name = classes[label] ?? '';
    return isWritable(name) ? name : `class ${label}`;
  };
  const captions = labels.map((label, i) => ({ name: nameOf(label), note: `#${indices[i]}` }));
  return captionedGridPng({ images, shape, columns, scale }, captions);
}
