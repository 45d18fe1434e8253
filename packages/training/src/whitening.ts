import { elementCount, type Program, type Slot } from '@trainyard/program';
import type { TrainingPlan } from './plan.js';
import { symmetricEigen } from './symmetricEigen.js';

/** How many training images the patches are taken from. */
const sampledImages = 5000;
/** Added to the eigenvalues, so that directions in which patches hardly vary are not blown up. */
const epsilon = 5e-4;

/** Values of every slot that starts as whitening filters of the training images, by slot name. */
export async function whiteningValues(program: Program, plan: TrainingPlan): Promise<Map<string, Float32Array>> {
  const slots = program.slots.filter(({ initializer }) => initializer?.type === 'whitening');
  const [first] = slots;
  if (!first) return new Map();
  const pixels = await plan.packed.readImages('train', plan.split.train.subarray(0, sampledImages));
  const kernel = whiteningKernel(normalized(pixels, plan), plan.dataset.imageShape, first.shape);
  return new Map(slots.map(({ name }) => [name, kernel]));
}

/** Images that are normalised at a time: all at once would take more memory than a small network trains in. */
const blockImages = 100;

/** (pixel / 255 - mean) / std of every pixel, in blocks of whole images; each block takes the place of the one before. */
function* normalized(pixels: Uint8Array, { moments: { mean, std }, dataset }: TrainingPlan): Iterable<Float32Array> {
  const channels = mean.length;
  const block = new Float32Array(blockImages * elementCount(dataset.imageShape));
  for (let first = 0; first < pixels.length; first += block.length) {
    const count = Math.min(block.length, pixels.length - first);
    for (let i = 0; i < count; i++) {
      const channel = i % channels;
      block[i] = ((pixels[first + i] as number) / 255 - (mean[channel] as number)) / (std[channel] as number);
    }
    yield block.subarray(0, count);
  }
}

/**
 * Filters that make the outputs of a first convolution uncorrelated and of unit variance: the eigenvectors of the
 * covariance of the images' patches over sqrt(eigenvalue + 5e-4), the largest eigenvalues first, then the negatives of
 * the same (Jordan 2024, arXiv 2404.00498).
 * @param blocks each `[images, height, width, channels]`
 * @param shape of the kernel, `[height, width, channels, filters]`; `filters` is even and at most twice the values of a patch
 */
export function whiteningKernel(blocks: Iterable<Float32Array>, imageShape: Shape, shape: Slot['shape']): Float32Array {
  const [height = 1, width = 1, channels = 1, filters = 1] = shape;
  const size = height * width * channels;
  const { values, vectors } = symmetricEigen(patchCovariance(blocks, imageShape, height, width), size);
  const largest = Array.from(values.keys()).sort((a, b) => (values[b] as number) - (values[a] as number));
  const kernel = new Float32Array(size * filters);
  const half = filters / 2;
  for (let filter = 0; filter < half; filter++) {
    const eigen = largest[filter] as number;
    const factor = 1 / Math.sqrt(Math.max(0, values[eigen] as number) + epsilon);
    for (let i = 0; i < size; i++) {
      const value = factor * (vectors[i * size + eigen] as number);
      kernel[i * filters + filter] = value;
      kernel[i * filters + half + filter] = -value;
    }
  }
  return kernel;
}

type Shape = readonly [height: number, width: number, channels: number];

/** Mean of p pᵀ over every patch p of the images, `[size, size]`; normalised pixels have their mean near zero. */
function patchCovariance(
  blocks: Iterable<Float32Array>,
  imageShape: Shape,
  patchHeight: number,
  patchWidth: number,
): Float64Array {
  const size = patchHeight * patchWidth * imageShape[2];
  const sums = new Float64Array(size * size);
  let patches = 0;
  for (const images of blocks) {
    for (let image = 0; image < images.length; image += elementCount(imageShape)) {
      patches += addPatches(sums, images, image, imageShape, [patchHeight, patchWidth]);
    }
  }
  return symmetric(sums, size).map((sum) => sum / patches);
}

/** Adds the outer product of every patch of the image that begins at `image`; gives their number. */
function addPatches(
  sums: Float64Array,
  images: Float32Array,
  image: number,
  [height, width, channels]: Shape,
  [patchHeight, patchWidth]: [number, number],
): number {
  const rowSize = patchWidth * channels;
  const patch = new Float64Array(patchHeight * rowSize);
  let patches = 0;
  for (let y = 0; y + patchHeight <= height; y++) {
    for (let x = 0; x + patchWidth <= width; x++, patches++) {
      for (let row = 0; row < patchHeight; row++) {
        const start = image + ((y + row) * width + x) * channels;
        patch.set(images.subarray(start, start + rowSize), row * rowSize);
      }
      addOuterProduct(sums, patch);
    }
  }
  return patches;
}

/** sums += p pᵀ, in the upper triangle alone. */
function addOuterProduct(sums: Float64Array, p: Float64Array): void {
  const size = p.length;
  for (let i = 0; i < size; i++) {
    const factor = p[i] as number;
    for (let j = i; j < size; j++) sums[i * size + j] = (sums[i * size + j] as number) + factor * (p[j] as number);
  }
}

/** Mirrors the upper triangle into the lower one. */
function symmetric(matrix: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i] as number;
  return matrix;
}
