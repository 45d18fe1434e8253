import { augmentationDraws, type ColorJitter } from '@trainyard/program';

/** The change of the light and colour of one image: factors, and a part of a turn of the colour wheel. */
export type Light = Record<'brightness' | 'contrast' | 'saturation' | 'hue', number>;

export function drawLight(words: ArrayLike<number>, bounds: ColorJitter): Light {
  const factor = (i: number, value: number) => augmentationDraws.factor(words[i] as number, value);
  return {
    brightness: factor(0, bounds.brightness),
    contrast: factor(1, bounds.contrast),
    saturation: factor(2, bounds.saturation),
    hue: augmentationDraws.turn(words[3] as number, bounds.hue),
  };
}

type Moments = Readonly<Record<'mean' | 'std', readonly number[]>>;
const clamped = (value: number) => Math.min(1, Math.max(0, value));
const mixed = (value: number, other: number, factor: number) => clamped(factor * value + (1 - factor) * other);

/** Changes a normalized image [pixels, channels] in place, as torchvision's ColorJitter with this order. */
export function jitter(image: Float32Array, light: Light, { mean, std }: Moments): void {
  const channels = mean.length;
  const pixels = Array.from({ length: image.length / channels }, (_, p) =>
    mean.map((m, c) => clamped(light.brightness * ((image[p * channels + c] as number) * (std[c] as number) + m))),
  );
  const average = pixels.reduce((sum, pixel) => sum + grayOf(pixel), 0) / pixels.length;
  pixels.forEach((pixel, p) => {
    const contrasted = pixel.map((value) => mixed(value, average, light.contrast));
    const gray = grayOf(contrasted);
    const saturated = contrasted.map((value) => mixed(value, gray, light.saturation));
    const turned = light.hue === 0 || channels !== 3 ? saturated : withHueTurned(saturated, light.hue);
    for (const [c, value] of turned.entries()) {
      image[p * channels + c] = (value - (mean[c] as number)) / (std[c] as number);
    }
  });
}

/** Of three channels; of one channel the value itself. */
const grayOf = ([r = 0, g, b]: readonly number[]): number =>
  g === undefined || b === undefined ? r : 0.2989 * r + 0.587 * g + 0.114 * b;

/** By HSV: the value and the saturation stay as they are. */
function withHueTurned([r = 0, g = 0, b = 0]: readonly number[], turn: number): number[] {
  const largest = Math.max(r, g, b);
  const range = largest - Math.min(r, g, b);
  if (range === 0) return [r, g, b];
  let sixth = (r - g) / range + 4;
  if (largest === g) sixth = (b - r) / range + 2;
  if (largest === r) sixth = (g - b) / range;
  return [5, 3, 1].map((offset) => {
    const k = (((offset + sixth + 6 * turn) % 6) + 6) % 6;
    return largest - range * Math.max(0, Math.min(k, 4 - k, 1));
  });
}
