import { type Box, samplePlace } from '@trainyard/program';

/** Replaces an image `[height, width, channels]` by a part of it, enlarged to the same size. */
export function enlarge(image: Float32Array, box: Box, [height, width, channels]: [number, number, number]): void {
  const source = image.slice();
  const at = (row: number, column: number, c: number) => source[(row * width + column) * channels + c] as number;
  const between = (from: number, to: number, share: number) => from + (to - from) * share;
  for (let i = 0; i < image.length; i++) {
    const pixel = Math.floor(i / channels);
    const c = i % channels;
    const row = samplePlace(Math.floor(pixel / width), height, box.top, box.height);
    const column = samplePlace(pixel % width, width, box.left, box.width);
    const upper = between(at(row.low, column.low, c), at(row.low, column.high, c), column.share);
    const lower = between(at(row.high, column.low, c), at(row.high, column.high, c), column.share);
    image[i] = between(upper, lower, row.share);
  }
}
