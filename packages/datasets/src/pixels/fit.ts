import { copyTo, luma } from './channels.js';
import type { PixelOptions } from './picture.js';
import { ImageFault, type Raster, type Size } from './raster.js';
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
    const full = image.full ?? image;
    const box = coveringBox(full, width, height);
    const kept = (box.right - box.left) * (box.bottom - box.top);
    return {
      image: resample(image, width, height, scaled(box, full, image)),
      cropped: kept < (1 - muchCropped) * full.width * full.height,
    };
  }
  throw new ImageFault(
    `has ${image.width}x${image.height} pixels, but most have ${width}x${height}; ` +
      `choose one size for all, for example --size ${width}x${height}`,
  );
}

/** The same part of an image that was decoded at a fraction. */
function scaled({ left, top, right, bottom }: Box, from: Size, to: Size): Box {
  const [x, y] = [to.width / from.width, to.height / from.height];
  return { left: left * x, top: top * y, right: right * x, bottom: bottom * y };
}

/** The largest box in the middle of an image that has the wanted proportions. */
export function coveringBox(image: Size, width: number, height: number): Box {
  const ratio = width / height;
  const own = image.width / image.height;
  let [boxWidth, boxHeight] = [image.width, image.height];
  if (own > ratio) boxWidth = ratio * image.height;
  else if (own < ratio) boxHeight = image.width / ratio;
  const left = (image.width - boxWidth) * 0.5;
  const top = (image.height - boxHeight) * 0.5;
  return { left, top, right: left + boxWidth, bottom: top + boxHeight };
}

/** How many times an image is reduced, in the direction in which that is less; below 1 where it is enlarged. */
export function scaleOf(image: Size, { width, height, fit }: PixelOptions): number {
  if (fit === null) return 1;
  const scales = [image.width / width, image.height / height];
  return fit === 'contain' ? Math.max(...scales) : Math.min(...scales);
}

/** The largest size with the image's proportions that fits. */
export function containedSize(image: Size, width: number, height: number): Size {
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
  const size = containedSize(image.full ?? image, width, height);
  const inside = resample(image, size.width, size.height);
  if (inside.width === width && inside.height === height) return inside;
  const behind = wanted === 1 ? [luma(background)] : background;
  const data = new Uint8Array(width * height * wanted);
  for (let i = 0; i < data.length; i++) data[i] = behind[i % wanted] as number;
  const left = roundHalfEven((width - inside.width) * 0.5);
  const top = roundHalfEven((height - inside.height) * 0.5);
  const rowBytes = inside.width * inside.channels;
  for (let y = 0; y < inside.height; y++) {
    const row = { ...inside, data: inside.data.subarray(y * rowBytes, (y + 1) * rowBytes) };
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
