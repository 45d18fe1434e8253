/** A decoded image, upright: uint8 `[height, width, channels]` as gray, gray and alpha, RGB, or RGB and alpha. */
export interface Raster {
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  data: Uint8Array;
  /** Size of the image in its file, where it was decoded at a fraction. */
  full?: Size;
}

export interface Size {
  width: number;
  height: number;
}

/** Images with more pixels are refused before they are decoded, unless `PixelOptions` sets another limit. */
export const maxPixels = 268_000_000;

/** Why an image cannot be used, continuing the sentence "<name> ...", with the remedy. */
export class ImageFault extends Error {
  override name = 'ImageFault';
}

/** @throws ImageFault where the image has more than `most` pixels */
export function refuseHuge(width: number, height: number, most: number): void {
  if (width * height > most) throw tooManyPixels(most, `${width}x${height} pixels, `);
}

export function tooManyPixels(most: number, size = ''): ImageFault {
  return new ImageFault(`has ${size}more than ${most / 1e6} million pixels; scale it down`);
}

export function damaged(reason: string): ImageFault {
  return new ImageFault(`is damaged (${reason}); get it again`);
}
