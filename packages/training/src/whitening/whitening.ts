import type { Program, Slot } from '@trainyard/program';
import type { TrainingPlan } from '../plan/trainingPlan.js';
import { symmetricEigen } from './symmetricEigen.js';

/** Number of training images that the patches are taken from. */
const sampledImages = 5000;
/** Added to the eigenvalues, so that directions in which patches hardly vary are not amplified. */
const epsilon = 5e-4;

/** Initial values, by slot name, of every slot that the spec initializes with whitening filters. */
export async function whiteningValues(program: Program, plan: TrainingPlan): Promise<Map<string, Float32Array>> {
  const slots = program.slots.filter(({ initializer }) => initializer?.type === 'whitening');
  const [first] = slots;
  if (!first) return new Map();
  const pixels = await plan.packed.readImages('train', plan.split.train.subarray(0, sampledImages));
  const kernel = whiteningKernel(normalized(pixels, plan), plan.dataset.imageShape, first.shape);
  return new Map(slots.map(({ name }) => [name, kernel]));
}

/** (pixel / 255 - mean) / std of every pixel. */
function normalized(pixels: Uint8Array, { moments: { mean, std } }: TrainingPlan): Float32Array {
  const channels = mean.length;
  return Float32Array.from(pixels, (pixel, i) => {
    const channel = i % channels;
    return (pixel / 255 - (mean[channel] as number)) / (std[channel] as number);
  });
}

/**
 * Filters that make the outputs of a first convolution uncorrelated and of unit variance: the eigenvectors of the
 * covariance of the images' patches over sqrt(eigenvalue + 5e-4), the largest eigenvalues first, then the negatives of
 * the same (Jordan 2024, arXiv 2404.00498).
 * @param images `[images, height, width, channels]`
 * @param shape of the kernel, `[height, width, channels, filters]`; `filters` is even and at most twice the values of a
 *   patch
 */
export function whiteningKernel(
  images: Float32Array,
  imageShape: readonly [number, number, number],
  shape: Slot['shape'],
): Float32Array {
  const [height = 1, width = 1, channels = 1, filters = 1] = shape;
  const size = height * width * channels;
  const { values, vectors } = symmetricEigen(patchCovariance(images, imageShape, height, width), size);
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

/** Mean of p pᵀ over every patch p of the images, `[size, size]`; normalised pixels have their mean near zero. */
function patchCovariance(
  images: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  patchHeight: number,
  patchWidth: number,
): Float64Array {
  const rowSize = patchWidth * channels;
  const size = patchHeight * rowSize;
  const sums = new Float64Array(size * size);
  const patch = new Float64Array(size);
  let patches = 0;
  for (let image = 0; image < images.length; image += height * width * channels) {
    for (let y = 0; y + patchHeight <= height; y++) {
      for (let x = 0; x + patchWidth <= width; x++, patches++) {
        for (let row = 0; row < patchHeight; row++) {
          const start = image + ((y + row) * width + x) * channels;
          patch.set(images.subarray(start, start + rowSize), row * rowSize);
        }
        addOuterProduct(sums, patch);
      }
    }
  }
  return symmetric(sums, size).map((sum) => sum / patches);
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
