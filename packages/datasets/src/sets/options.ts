import { type ImportOptions, InvalidInputError } from '@trainyard/contracts';
import type { ImageShape } from '../packed/format.js';
import type { PixelOptions } from '../pixels/picture.js';

/** Shares of the splits, which add up to 1. */
export interface Shares {
  train: number;
  validation: number;
  test: number;
}

/** The options of an import, parsed. */
export interface SetOptions {
  /** `[height, width]`; null: all images must have one size. */
  size: [height: number, width: number] | null;
  fit: 'cover' | 'contain' | 'stretch';
  background: [red: number, green: number, blue: number];
  /** null: as the source suggests. */
  channels: 1 | 3 | null;
  /** null: all. */
  classes: string[] | null;
  /** null: the splits of the source, with a test split drawn where it has none. */
  shares: Shares | null;
  splitSeed: number;
  /** How many of so many images may be left out; 0: none. */
  mostSkipped(images: number): number;
  labels: string | null;
}

const maxSide = 1024;

/** @throws InvalidInputError for values and combinations that make no sense */
export function parseOptions(options: ImportOptions): SetOptions {
  const size = options.size === undefined ? null : parseSize(options.size);
  if (size === null && options.fit !== undefined) {
    throw new InvalidInputError(`fit ${options.fit} needs a size to fit the images to; add one (--size 64)`);
  }
  const repeated = options.classes?.find((name, i, all) => all.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new InvalidInputError(`The class ${repeated} is given twice; give it once (--classes)`);
  return {
    size,
    fit: options.fit ?? 'cover',
    background: parseColour(options.background ?? 'white'),
    channels: options.channels ?? null,
    classes: options.classes ?? null,
    shares: options.split === undefined ? null : parseShares(options.split),
    splitSeed: options.splitSeed ?? 1,
    mostSkipped: parseSkipBad(options.skipBad ?? false),
    labels: options.labels ?? null,
  };
}

/** How an image of any size becomes one of a set that was imported with these options, as all of its images were. */
export function pixelOptions(
  { fit = 'cover', background = 'white' }: Pick<ImportOptions, 'fit' | 'background'>,
  [height, width, channels]: ImageShape,
): PixelOptions & { fit: SetOptions['fit'] } {
  return { height, width, channels: channels === 1 ? 1 : 3, fit, background: parseColour(background) };
}

function parseSize(text: string): [number, number] {
  const [width, height = width] = text.split('x').map(Number) as [number, number?];
  if (Math.max(width, height) > maxSide) {
    throw new InvalidInputError(`The size ${text} is over ${maxSide} pixels a side; choose a smaller one (--size)`);
  }
  return [height, width];
}

function parseColour(text: string): [number, number, number] {
  if (text.toLowerCase() === 'white') return [255, 255, 255];
  if (text.toLowerCase() === 'black') return [0, 0, 0];
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as [number, number, number];
}

function parseShares(text: string): Shares {
  const shares = text.split('/').map((part) => (part.endsWith('%') ? Number(part.slice(0, -1)) / 100 : Number(part)));
  const [train = 0, second = 0, third] = shares;
  const sum = shares.reduce((a, b) => a + b);
  if (Math.abs(sum - 1) > 1e-6) {
    throw new InvalidInputError(
      `The shares ${text} add up to ${Number(sum.toFixed(4))}; they must add up to 1 (--split)`,
    );
  }
  const [validation, test] = third === undefined ? [0, second] : [second, third];
  if (train <= 0 || test <= 0) {
    throw new InvalidInputError(`The shares ${text} leave nothing for train or test; both need a share (--split)`);
  }
  return { train, validation, test };
}

/** Without a limit of its own: 1 %, but ten files in a small set are no reason to stop. */
function parseSkipBad(skipBad: boolean | number | string): (images: number) => number {
  if (skipBad === false) return () => 0;
  if (skipBad === true) return (images) => Math.max(10, Math.floor(images / 100));
  if (typeof skipBad === 'number') return () => skipBad;
  const share = Number(skipBad.slice(0, -1)) / 100;
  return (images) => Math.floor(share * images);
}

/** @throws InvalidInputError for a size, read from images, that no set may have */
export function checkSize([height, width]: [number, number]): void {
  if (Math.min(height, width) >= 1 && Math.max(height, width) <= maxSide) return;
  throw new InvalidInputError(
    `The images have ${width}x${height} pixels, but sets have at most ${maxSide} a side; scale them (--size 64)`,
  );
}
