import { InvalidInputError } from '@trainyard/contracts';
import sharp, { type Sharp } from 'sharp';
import { isPlainJpeg } from './plainJpeg.js';

/** Images with more pixels are refused before they are decoded. */
const maxPixels = 32 * 1024 * 1024;
/** Larger images gain nothing from being joined. */
const maxJoinedPixels = 128 * 128;

/** An image file that was read from an archive. */
export interface ImageFile {
  /** For error messages: the archive and the path in it. */
  name: string;
  bytes: Buffer;
}

/** How every image of an import is decoded. */
export interface DecodeOptions {
  height: number;
  width: number;
  /** Whether images of another size are scaled to this one, and cropped; otherwise they are refused. */
  scale: boolean;
}

/** Sets libvips up for many small images. */
export function configureSharp(): void {
  // One image is too small to be worth splitting among threads; several at once keep the cores busy.
  sharp.concurrency(1);
  sharp.cache(false);
}

/** `[height, width]` of an image as it is shown, its orientation applied. @throws InvalidInputError */
export async function sizeOf(file: ImageFile): Promise<[number, number]> {
  const meta = await openImage(file)
    .metadata()
    .catch((error: Error) => {
      throw unreadable(file, error);
    });
  return [meta.autoOrient.height, meta.autoOrient.width];
}

/** @returns whether the image may be decoded together with others, in one pipeline, and has the same pixels then. */
export function canBeJoined({ bytes }: ImageFile, { height, width, scale }: DecodeOptions): boolean {
  return height * width <= maxJoinedPixels && !scale && isPlainJpeg(bytes, height, width);
}

/**
 * Decodes images to RGB; transparent pixels become black. libvips needs far more time to set a decoder up than to
 * decode a small image; images that are joined in one pipeline take half the time. When one of them is damaged, they
 * are decoded one by one, so that the error names it.
 * @param files more than one only where each `canBeJoined`
 * @returns uint8 `[files.length, height, width, 3]`
 * @throws InvalidInputError that names the file
 */
export async function decodeImages(files: ImageFile[], options: DecodeOptions): Promise<Uint8Array> {
  if (files.length > 1) {
    const joined = await decodeJoined(files, options).catch(() => null);
    if (joined !== null) return joined;
  }
  const imageBytes = options.height * options.width * 3;
  const pixels = new Uint8Array(files.length * imageBytes);
  for (const [i, file] of files.entries()) pixels.set(await decode(file, options), i * imageBytes);
  return pixels;
}

async function decodeJoined(files: ImageFile[], { height, width }: DecodeOptions): Promise<Uint8Array | null> {
  const { data, info } = await sharp(
    files.map(({ bytes }) => bytes),
    { join: { across: 1 }, limitInputPixels: maxPixels },
  )
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const complete = info.width === width && info.height === height * files.length && info.channels === 3;
  return complete ? data : null;
}

/** `[height, width, 3]`, uint8. */
async function decode(file: ImageFile, { height, width, scale }: DecodeOptions): Promise<Uint8Array> {
  const image = openImage(file).autoOrient().flatten().toColourspace('srgb');
  if (scale) image.resize(width, height, { fit: 'cover' });
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw unreadable(file, error);
    });
  if (info.width !== width || info.height !== height || info.channels !== 3) {
    throw new InvalidInputError(
      `${file.name} has ${info.width}x${info.height} pixels, but others ${width}x${height}; ` +
        'bring all to one size, or choose one for all (--size)',
    );
  }
  return data;
}

/** Checks the first bytes itself, as libvips would also open formats that contain programs or refer to other files. */
function openImage({ name, bytes }: ImageFile): Sharp {
  const head = bytes.subarray(0, 12).toString('latin1');
  const known = head.startsWith('\xff\xd8\xff') || head.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF.{4}WEBP/s.test(head);
  if (!known) throw new InvalidInputError(`${name} is not a JPEG, PNG or WebP image; remove or convert it`);
  return sharp(bytes, { limitInputPixels: maxPixels });
}

function unreadable({ name }: ImageFile, error: Error): InvalidInputError {
  if (error.message.includes('pixel limit')) {
    return new InvalidInputError(`${name} has more than ${maxPixels} pixels; scale it down`);
  }
  return new InvalidInputError(`${name} is a damaged image (${error.message.trim()}); replace or remove it`);
}
