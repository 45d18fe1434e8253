import { randomWords, toUnit } from '@trainyard/program';
import { expect, it } from 'vitest';
import { symmetricEigen } from '../../src/whitening/symmetricEigen.js';
import { whiteningKernel } from '../../src/whitening/whitening.js';

const noise = (count: number, seed: number) =>
  Float64Array.from(randomWords(count, seed, 1, 0), (word) => 2 * toUnit(word) - 1);

it('a symmetric matrix is the product of its eigenvectors and eigenvalues', () => {
  const size = 27;
  const half = noise(size * size, 3);
  const at = (i: number, j: number) => (half[i * size + j] as number) + (half[j * size + i] as number);
  const matrix = Float64Array.from({ length: size * size }, (_, k) => at(Math.floor(k / size), k % size));
  const { values, vectors } = symmetricEigen(matrix, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let product = 0;
      let dot = 0;
      for (let k = 0; k < size; k++) {
        const [vi, vj] = [vectors[i * size + k] as number, vectors[j * size + k] as number];
        product += vi * (values[k] as number) * vj;
        dot += vi * vj;
      }
      expect(product).toBeCloseTo(matrix[i * size + j] as number, 11);
      expect(dot).toBeCloseTo(i === j ? 1 : 0, 11);
    }
  }
});

it('the filters give uncorrelated outputs of unit variance, and the negatives of these', () => {
  const [images, side, channels] = [40, 7, 2];
  // Neighbours and channels go together, as they do in photographs.
  const raw = noise(images * side * side * channels, 5);
  const smooth = Float32Array.from(raw, (value, i) => value + 0.8 * (raw[i - 1] ?? 0) + 0.5 * (raw[i - channels] ?? 0));
  const [height, width, filters] = [2, 3, 24];
  const size = height * width * channels;
  const kernel = whiteningKernel(smooth, [side, side, channels], [height, width, channels, filters]);

  const half = filters / 2;
  const sums = new Float64Array(half * half);
  let patches = 0;
  for (let image = 0; image < images; image++) {
    for (let y = 0; y + height <= side; y++) {
      for (let x = 0; x + width <= side; x++, patches++) {
        const output = new Float64Array(filters);
        for (let k = 0; k < size; k++) {
          const [row, rest] = [Math.floor(k / (width * channels)), k % (width * channels)];
          const pixel = smooth[((image * side + y + row) * side + x) * channels + rest] as number;
          for (let f = 0; f < filters; f++)
            output[f] = (output[f] as number) + pixel * (kernel[k * filters + f] as number);
        }
        for (let f = 0; f < half; f++) {
          expect(output[half + f]).toBe(-(output[f] as number));
          for (let g = 0; g < half; g++)
            sums[f * half + g] = (sums[f * half + g] as number) + (output[f] as number) * (output[g] as number);
        }
      }
    }
  }
  for (let f = 0; f < half; f++)
    for (let g = 0; g < half; g++) expect((sums[f * half + g] as number) / patches).toBeCloseTo(f === g ? 1 : 0, 2);
});
