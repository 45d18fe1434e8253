import { ImageFault } from './raster.js';

/** What is decoded. */
export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'bmp' | 'pnm';

/** Looks at the first bytes, as text in Latin-1. */
type Signature = (head: string) => boolean;

const begins =
  (...starts: string[]): Signature =>
  (head) =>
    starts.some((start) => head.startsWith(start));
const has =
  (offset: number, text: string): Signature =>
  (head) =>
    head.startsWith(text, offset);
const like =
  (pattern: RegExp): Signature =>
  (head) =>
    pattern.test(head);
const both =
  (one: Signature, other: Signature): Signature =>
  (head) =>
    one(head) && other(head);

/** The brands that an ISO media file names: first its own, then, after four bytes, those that it is compatible with. */
const brand =
  (...wanted: string[]): Signature =>
  (head) => {
    if (!head.startsWith('ftyp', 4)) return false;
    const length = head.charCodeAt(2) * 256 + head.charCodeAt(3);
    const brands = [head.slice(8, 12), ...(head.slice(16, length).match(/.{4}/gs) ?? [])];
    return brands.some((each) => wanted.includes(each));
  };

/** Lengths of the header that follows a bitmap file's own. */
const bitmapHeaders = [12, 40, 52, 56, 64, 108, 124];

/** What comes first is checked first. */
const decoded: [Format, Signature][] = [
  ['jpeg', begins('\xff\xd8\xff')],
  ['png', begins('\x89PNG\r\n\x1a\n')],
  ['webp', both(begins('RIFF'), has(8, 'WEBP'))],
  ['gif', begins('GIF87a', 'GIF89a')],
  ['tiff', begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['avif', brand('avif', 'avis')],
  ['bmp', both(begins('BM'), (head) => bitmapHeaders.includes(head.charCodeAt(14)) && head.startsWith('\0\0\0', 15))],
  ['pnm', like(/^P[1-6][\s#]/)],
];

/** Images that are not decoded, with a command that converts them. */
const convertible: [title: string, signature: Signature, command: string][] = [
  ['a HEIC image', brand('heic', 'heix', 'hevc', 'heim', 'heis', 'mif1'), 'heif-convert photo.heic photo.jpg'],
  ['a JPEG 2000 image', begins('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'), 'magick photo.jp2 photo.png'],
  ['a JPEG XL image', begins('\0\0\0\x0cJXL ', '\xff\x0a'), 'djxl photo.jxl photo.png'],
  ['a Windows icon', both(begins('\0\0\x01\0', '\0\0\x02\0'), like(/^.{4}[^\0].{4}\0/s)), 'magick icon.ico icon.png'],
  ['a Photoshop document', begins('8BPS'), 'magick drawing.psd drawing.png'],
  ['an OpenEXR image', begins('v/1\x01'), 'magick photo.exr photo.png'],
  ['a Radiance HDR image', begins('#?RADIANCE', '#?RGBE'), 'magick photo.hdr photo.png'],
  ['a DDS texture', begins('DDS '), 'magick texture.dds texture.png'],
  ['a DICOM image', has(128, 'DICM'), 'dcm2img scan.dcm scan.png'],
  ['an SVG drawing', like(/^[^\0]*<svg[\s>]/i), 'magick drawing.svg drawing.png'],
];

/** What is often saved under an image's name by mistake. */
const others: [title: string, signature: Signature][] = [
  ['an HTML page', like(/^\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body)/is)],
  ['XML text', like(/^\s*<\?xml/)],
  ['a gzip file', begins('\x1f\x8b')],
  ['a zip file', begins('PK\x03\x04', 'PK\x05\x06')],
  ['a PDF document', begins('%PDF-')],
  ['a PostScript document', begins('%!PS')],
  ['a NumPy array', begins('\x93NUMPY')],
  ['an HDF5 file', begins('\x89HDF\r\n')],
  ['a video', like(/^(.{4}ftyp|RIFF.{4}AVI )/s)],
  ['a Git LFS pointer', begins('version https://git-lfs')],
  ['JSON text', like(/^\s*[{[]\s*["{[\]}\d]/)],
];

/** How many of the first bytes are looked at. */
const headBytes = 512;

/**
 * Says by the first bytes what an image file is; its name is never looked at, and no library guesses, as libvips would
 * also open formats that contain programs or refer to other files.
 * @throws ImageFault that says what it is instead
 */
export function formatOf(bytes: Uint8Array): Format {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes)).toString('latin1');
  const found = decoded.find(([, matches]) => matches(head));
  if (found !== undefined) return found[0];
  throw new ImageFault(describeOther(bytes, head));
}

function describeOther(bytes: Uint8Array, head: string): string {
  const remedy = 'get it again';
  if (bytes.length === 0) return `is empty (0 bytes); ${remedy}`;
  if (bytes.every((byte) => byte === 0)) return `contains only zeros; ${remedy}`;
  const image = convertible.find(([, matches]) => matches(head));
  if (image !== undefined) {
    return `is ${image[0]}, which is not read; convert it to JPEG or PNG, for example with: ${image[2]}`;
  }
  const title = others.find(([, matches]) => matches(head))?.[0] ?? (isText(bytes) ? 'text' : null);
  if (title !== null) return `is ${title}, not an image; ${remedy}`;
  return `is no JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or PNM image; convert it to JPEG or PNG`;
}

/** @returns whether the first bytes are text in UTF-8 */
function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, headBytes);
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
