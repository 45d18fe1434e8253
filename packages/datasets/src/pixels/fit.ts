import { copyTo, luma } from './channels.js';
import type { PixelOptions } from './picture.js';
import { ImageFault, type Raster } from './raster.js';
import { type Box, resample } from './resample.js';

/** `cover` warns where more of an image's area than this is lost. */
const muchCropped = 0.2;

/**
 * Brings an image without alpha to the wanted size, as Pillow does: `stretch` like `Image.resize`, `cover` like
 * `ImageOps.fit`, `contain` like `ImageOps.pad`, each with `BILINEAR`.
 * @returns the image, and whether `cover` lost much of it
 * @throws ImageFault where it has another size and none may be scaled
 */
export function fitted(image: Raster, options: PixelOptions): { image: Raster; cropped: boolean } {
  const { width, height, fit } = options;
  if (image.width === width && image.height === height) return { image, cropped: false };
  if (fit === 'stretch') return { image: resample(image, width, height), cropped: false };
  if (fit === 'contain') return { image: padded(image, options), cropped: false };
  if (fit === 'cover') {
    const box = coveringBox(image, width, height);
    const kept = (box.right - box.left) * (box.bottom - box.top);
    return {
      image: resample(image, width, height, box),
      cropped: kept < (1 - muchCropped) * image.width * image.height,
    };
  }
  throw new ImageFault(
    `has ${image.width}x${image.height} pixels, but most have ${width}x${height}; ` +
      `choose one size for all, for example --size ${width}x${height}`,
  );
}

/** The largest box in the middle of an image that has the wanted proportions. */
export function coveringBox(image: { width: number; height: number }, width: number, height: number): Box {
  const ratio = width / height;
  const own = image.width / image.height;
  let [boxWidth, boxHeight] = [image.width, image.height];
  if (own > ratio) boxWidth = ratio * image.height;
  else if (own < ratio) boxHeight = image.width / ratio;
  const left = (image.width - boxWidth) * 0.5;
  const top = (image.height - boxHeight) * 0.5;
  return { left, top, right: left + boxWidth, bottom: top + boxHeight };
}

/** The largest size with the image's proportions that fits. */
export function containedSize(
  image: { width: number; height: number },
  width: number,
  height: number,
): { width: number; height: number } {
  const own = image.width / image.height;
  if (own > width / height) {
    return { width, height: Math.max(1, roundHalfEven((image.height / image.width) * width)) };
  }
  if (own < width / height) {
    return { height, width: Math.max(1, roundHalfEven((image.width / image.height) * height)) };
  }
  return { width, height };
}

function padded(image: Raster, { width, height, channels: wanted, background }: PixelOptions): Raster {
  const size = containedSize(image, width, height);
  const scaled = resample(image, size.width, size.height);
  if (scaled.width === width && scaled.height === height) return scaled;
  const behind = wanted === 1 ? [luma(background)] : background;
  const data = new Uint8Array(width * height * wanted);
  for (let i = 0; i < data.length; i++) data[i] = behind[i % wanted] as number;
  const left = roundHalfEven((width - scaled.width) * 0.5);
  const top = roundHalfEven((height - scaled.height) * 0.5);
  const rowBytes = scaled.width * scaled.channels;
  for (let y = 0; y < scaled.height; y++) {
    const row = { ...scaled, data: scaled.data.subarray(y * rowBytes, (y + 1) * rowBytes) };
    copyTo(data.subarray(((top + y) * width + left) * wanted), row, wanted);
  }
  return { width, height, channels: wanted, data };
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
