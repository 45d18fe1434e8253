import sharp, { type Sharp } from 'sharp';
import { damaged, type ImageFault, maxPixels, type Raster, tooManyPixels } from './raster.js';

// One image is seldom large enough to be split among threads; several at once keep the cores busy.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Reads an image with libvips: the first frame or page, upright, eight bits a value (of 16 the upper eight). Colour
 * profiles are ignored, as Pillow ignores them, except for CMYK, which has no meaning without.
 * @throws ImageFault
 */
export async function readWithSharp(bytes: Uint8Array): Promise<Raster> {
  const image = open(bytes).autoOrient().toColourspace('srgb');
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw explained(error);
    });
  return { width: info.width, height: info.height, channels: info.channels as Raster['channels'], data };
}

/** `[height, width]`, upright. @throws ImageFault */
export async function sizeWithSharp(bytes: Uint8Array): Promise<[height: number, width: number]> {
  const { autoOrient } = await open(bytes)
    .metadata()
    .catch((error: Error) => {
      throw explained(error);
    });
  return [autoOrient.height, autoOrient.width];
}

/** Only what is cut off is an error; what libvips merely warns of, Pillow reads as well. */
function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: 'truncated', ignoreIcc: true });
}

function explained(error: Error): ImageFault {
  if (/exceeds pixel limit/i.test(error.message)) return tooManyPixels();
  const reason = error.message.split('\n')[0] ?? '';
  return damaged(
    reason
      .replace(/\s*\(Warning treated as error[^)]*\)/, '')
      .replace(/^Input buffer has corrupt header: /, '')
      .replace(/[.;:\s]+$/, ''),
  );
}
