import type { Picture } from '../listing.js';

/** A cell of an image column as a listing yields it. */
export function pictureOfCell(cell: unknown): { picture: Picture } | { fault: string } {
  if (cell === null || cell === undefined) return { fault: 'has no image: the cell is empty; remove the row' };
  if (cell instanceof Uint8Array) {
    if (cell.length === 0) return { fault: 'has no image: the cell is empty; remove the row' };
    return { picture: { kind: 'encoded', bytes: cell } };
  }
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) return pixelsOf(cell as unknown as ArrayLike<unknown>);
  const { bytes, path } = cell as { bytes?: unknown; path?: unknown };
  if (bytes instanceof Uint8Array && bytes.length > 0) return { picture: { kind: 'encoded', bytes } };
  return { fault: withoutBytes(path) };
}

/** Why a cell with the path of an image, and not its content, cannot be read; continues "<row> ...". */
export function withoutBytes(path: unknown): string {
  const what = typeof path === 'string' ? `only the path of an image (${path}), not the image` : 'no image';
  return `has ${what}; load the set with the library datasets and write it by to_parquet or save_to_disk`;
}

const mostSide = 65_536;

/** `[height, width]` or `[height, width, channels]` of numbers from 0 to 255. */
function pixelsOf(rows: ArrayLike<unknown>): { picture: Picture } | { fault: string } {
  const shape: number[] = [];
  for (let level: unknown = rows; isList(level) && shape.length < 4; level = level[0]) shape.push(level.length);
  const [height = 0, width = 0, channels = 1] = shape;
  const isImage = (shape.length === 2 || shape.length === 3) && [1, 3, 4].includes(channels) && height * width > 0;
  if (!isImage || height > mostSide || width > mostSide) {
    return { fault: `has lists of ${shape.join(' x ')} numbers, not of height x width or height x width x channels` };
  }
  const pixels = new Uint8Array(height * width * channels);
  if (fill(pixels, rows, shape, 0) !== pixels.length) {
    return { fault: 'has lists of different lengths, or numbers other than 0 to 255; write pixels as uint8' };
  }
  return { picture: { kind: 'pixels', pixels, shape: [height, width, channels as 1 | 3 | 4] } };
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

/** @returns how far `pixels` is filled; -1: the lists are not of this shape, or not of bytes */
function fill(pixels: Uint8Array, list: ArrayLike<unknown>, [length, ...inner]: number[], start: number): number {
  if (!isList(list) || list.length !== length) return -1;
  let at = start;
  for (let i = 0; i < length && at !== -1; i++) {
    if (inner.length > 0) {
      at = fill(pixels, list[i] as ArrayLike<unknown>, inner, at);
      continue;
    }
    const value = Number(list[i]);
    if (!Number.isInteger(value) || value < 0 || value > 255) return -1;
    pixels[at++] = value;
  }
  return at;
}
