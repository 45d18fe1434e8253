import sharp from 'sharp';
import { drawGrid, encodePng, type Grid, gap } from './grid.js';
import { lettering, shortenedTo, widthOf } from './lettering.js';

/** What stands below an image: the name of its class, and where it is in the split. */
export interface Caption {
  name: string;
  note: string;
}

/** Pixels. */
const nameSize = 13;
const noteSize = 10;
const captionHeight = 32;
const margin = 4;
const maxNameWidth = 136;

/** Pixels in a row that an image and its caption have: captions may be wider than images, up to a limit. */
function captionedWidth({ shape, scale = 1 }: Grid, captions: readonly Caption[]): number {
  const widths = captions.map(({ name, note }) => Math.max(widthOf(name, nameSize), widthOf(note, noteSize)));
  return Math.max(shape[1] * scale, margin + Math.min(maxNameWidth, Math.ceil(Math.max(0, ...widths))));
}

/** Pixels of a grid of `count` images with captions, at most. */
export function maxCaptionedPixels({ shape, columns, scale = 1 }: Omit<Grid, 'images'>, count: number): number {
  const width = Math.max(shape[1] * scale, margin + maxNameWidth) + gap;
  const height = shape[0] * scale + captionHeight + gap;
  return Math.min(columns, count) * width * Math.ceil(count / columns) * height;
}

/** A PNG file of a grid of images with a caption below each. */
export async function captionedGridPng(grid: Grid, captions: readonly Caption[]): Promise<Buffer> {
  const cellWidth = captionedWidth(grid, captions);
  const { pixels, shape } = drawGrid({ ...grid, cellWidth, below: captionHeight });
  const cellHeight = grid.shape[0] * (grid.scale ?? 1) + captionHeight + gap;
  for (let row = 0; row * grid.columns < captions.length; row++) {
    const strip = await drawStrip(captions.slice(row * grid.columns, (row + 1) * grid.columns), cellWidth, shape[1]);
    pixels.set(strip, ((row + 1) * cellHeight - captionHeight) * shape[1] * 3);
  }
  return encodePng(pixels, shape);
}

/** The captions of a row of images. @returns uint8 `[captionHeight, width, 3]` */
function drawStrip(captions: readonly Caption[], cellWidth: number, width: number): Promise<Buffer> {
  const line = (text: string, i: number, { y, size }: { y: number; size: number }) => {
    const shown = shortenedTo(cellWidth - margin, text, size);
    const middle = gap + i * (cellWidth + gap) + cellWidth / 2;
    return lettering(shown, { x: middle - widthOf(shown, size) / 2, y, size });
  };
  const nameLines = captions.map(({ name }, i) => line(name, i, { y: 14, size: nameSize }));
  const notes = captions.map(({ note }, i) => line(note, i, { y: 27, size: noteSize }));
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${captionHeight}">`,
    `<path d="${nameLines.join('')}" fill="#111827"/><path d="${notes.join('')}" fill="#6b7280"/></svg>`,
  ].join('');
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).toColourspace('srgb').raw().toBuffer();
}
