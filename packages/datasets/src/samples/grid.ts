import sharp from 'sharp';
import type { ImageShape } from '../packed/format.js';

export interface Grid {
  /** uint8 `[images, height, width, channels]`, row after row of the grid. */
  images: Uint8Array;
  shape: ImageShape;
  columns: number;
  /** Each pixel becomes a square of so many pixels; 1 by default. */
  scale?: number;
  /** Pixels that an image has in its row at least; it is in their middle. */
  cellWidth?: number;
  /** Pixels below each image that stay white. */
  below?: number;
}

/** Pixels between two images. */
export const gap = 2;

/** Draws images beside and below each other, on white. @returns uint8 `[height, width, 3]` */
export function drawGrid(grid: Grid): { pixels: Uint8Array; shape: ImageShape } {
  const { images, shape, columns, scale = 1, cellWidth: leastWidth = 0, below = 0 } = grid;
  const [height, width, channels] = shape;
  const imageBytes = height * width * channels;
  const count = images.length / imageBytes;
  const rows = Math.ceil(count / columns);
  const cellHeight = height * scale + below + gap;
  const cellWidth = Math.max(leastWidth, width * scale) + gap;
  const inset = Math.floor((cellWidth - gap - width * scale) / 2);
  const gridWidth = Math.min(columns, count) * cellWidth + gap;
  const gridHeight = rows * cellHeight + gap;
  const pixels = new Uint8Array(gridHeight * gridWidth * 3).fill(255);
  for (let i = 0; i < count; i++) {
    const top = gap + Math.floor(i / columns) * cellHeight;
    const left = gap + (i % columns) * cellWidth + inset;
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = i * imageBytes + (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
        const to = ((top + y) * gridWidth + left + x) * 3;
        for (let c = 0; c < 3; c++) pixels[to + c] = images[from + (channels === 1 ? 0 : c)] as number;
      }
    }
  }
  return { pixels, shape: [gridHeight, gridWidth, 3] };
}

/** A PNG file of a grid of images. */
export async function gridPng(grid: Grid): Promise<Buffer> {
  const { pixels, shape } = drawGrid(grid);
  return encodePng(pixels, shape);
}

/** @param pixels uint8 `[height, width, channels]` */
export function encodePng(pixels: Uint8Array, [height, width, channels]: ImageShape): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** Decodes a PNG of a grid, reduced to at most `width` pixels a row. @returns uint8 `[height, width, 3]` */
export async function readPng(bytes: Uint8Array, width: number): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const image = sharp(bytes).removeAlpha().toColourspace('srgb').resize({ width, withoutEnlargement: true });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, shape: [info.height, info.width, 3] };
}
