import { expect, it } from 'vitest';
import { enlarge } from '../../src/kernels/enlarge.js';

it('enlarges a part of an image as PyTorch does: interpolate(part, (4, 6), mode="bilinear")', () => {
  // Two channels; the second one is ten times the first. The part is [[7, 8, 9], [13, 14, 15]] of the first.
  const image = Float32Array.from({ length: 48 }, (_, i) => Math.floor(i / 2) * (i % 2 === 0 ? 1 : 10));
  enlarge(image, { top: 1, left: 1, height: 2, width: 3 }, [4, 6, 2]);
  const first = [
    [7, 7.25, 7.75, 8.25, 8.75, 9],
    [8.5, 8.75, 9.25, 9.75, 10.25, 10.5],
    [11.5, 11.75, 12.25, 12.75, 13.25, 13.5],
    [13, 13.25, 13.75, 14.25, 14.75, 15],
  ].flat();
  expect(Array.from(image)).toEqual(first.flatMap((value) => [value, 10 * value]));
});
