import type { PixelOptions } from './picture.js';
import type { Raster } from './raster.js';

/**
 * Puts the background behind transparent pixels, then brings the image to gray or RGB, each as Pillow does
 * (`Image.paste` with the alpha as mask, then `convert`).
 * @returns an image of 1 or 3 channels, and whether any pixel was transparent
 */
export function withoutAlpha(
  image: Raster,
  { background, channels }: Pick<PixelOptions, 'background' | 'channels'>,
): { image: Raster; transparent: boolean } {
  const opaque = image.channels === 2 || image.channels === 4 ? composited(image, background) : null;
  const flat = opaque?.image ?? image;
  // Gray stays one channel until it is scaled, which takes a third of the time and gives the same values.
  if (channels === 3 || flat.channels === 1) return { image: flat, transparent: opaque?.transparent ?? false };
  return { image: toGray(flat), transparent: opaque?.transparent ?? false };
}

/** A gray image on a background of colour becomes RGB. */
function composited(image: Raster, background: PixelOptions['background']): { image: Raster; transparent: boolean } {
  const pixels = image.width * image.height;
  const { data, channels } = image;
  const colours = channels - 1;
  const [red, green, blue] = background;
  const gray = colours === 1 && red === green && green === blue;
  const results = gray ? 1 : 3;
  const flat = new Uint8Array(pixels * results);
  let transparent = false;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += channels) {
    const alpha = data[from + colours] as number;
    if (alpha !== 255) transparent = true;
    for (let channel = 0; channel < results; channel++) {
      const value = data[colours === 1 ? from : from + channel] as number;
      flat[to++] = alpha === 255 ? value : blend(value, background[channel] as number, alpha);
    }
  }
  return { image: { ...image, channels: results, data: flat }, transparent };
}

/** `(value * alpha + behind * (255 - alpha)) / 255`, rounded. */
function blend(value: number, behind: number, alpha: number): number {
  const sum = value * alpha + behind * (255 - alpha) + 128;
  return ((sum >> 8) + sum) >> 8;
}

function toGray(image: Raster): Raster {
  const { data } = image;
  const gray = new Uint8Array(image.width * image.height);
  for (let i = 0, at = 0; i < gray.length; i++, at += 3) {
    gray[i] = luma([data[at] as number, data[at + 1] as number, data[at + 2] as number]);
  }
  return { ...image, channels: 1, data: gray };
}

/** Copies an image of 1 or 3 channels to its place, gray repeated where three channels are wanted. */
export function copyTo(target: Uint8Array, { channels, data }: Raster, wanted: 1 | 3): void {
  if (channels === wanted) {
    target.set(data);
    return;
  }
  for (let i = 0, to = 0; i < data.length; i++) {
    const value = data[i] as number;
    target[to++] = value;
    target[to++] = value;
    target[to++] = value;
  }
}

/** Gray as in ITU-R 601, rounded as Pillow rounds it. */
export function luma([red, green, blue]: readonly [number, number, number]): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}
