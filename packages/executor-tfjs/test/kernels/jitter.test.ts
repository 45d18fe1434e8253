import { expect, it } from 'vitest';
import { jitter, type Light } from '../../src/kernels/jitter.js';

const none: Light = { brightness: 1, contrast: 1, saturation: 1, hue: 0 };
const [mean, std] = [
  [0.5, 0.4, 0.3],
  [0.25, 0.2, 0.5],
];

/** Two pixels, red and a dark gray, after the change; rounded to thousandths. */
function changed(light: Partial<Light>): number[] {
  const pixels = [0.8, 0.2, 0.2, 0.1, 0.1, 0.1];
  const image = Float32Array.from(pixels, (x, i) => (x - (mean[i % 3] as number)) / (std[i % 3] as number));
  jitter(image, { ...none, ...light }, { mean, std });
  const thousandths = Array.from(image, (x, i) => 1000 * (x * (std[i % 3] as number) + (mean[i % 3] as number)));
  // Adding 0 turns -0 into 0.
  return thousandths.map((value) => Math.round(value) / 1000 + 0);
}

it.each([
  ['nothing', {}, [0.8, 0.2, 0.2, 0.1, 0.1, 0.1]],
  ['the brightness, up to white', { brightness: 1.5 }, [1, 0.3, 0.3, 0.15, 0.15, 0.15]],
  // The mean gray of the image: ((0.2989 0.8 + 0.701 0.2) + 0.1) / 2.
  ['the contrast, down to the mean gray', { contrast: 0 }, Array(6).fill(0.24)],
  ['the contrast, up to black', { contrast: 2 }, [1, 0.16, 0.16, 0, 0, 0]],
  ['the saturation, down to each pixel’s gray', { saturation: 0 }, [0.379, 0.379, 0.379, 0.1, 0.1, 0.1]],
  ['the hue by a third of the wheel, from red to green', { hue: 1 / 3 }, [0.2, 0.8, 0.2, 0.1, 0.1, 0.1]],
  ['the hue by a sixth back, from red to magenta', { hue: -1 / 6 }, [0.8, 0.2, 0.8, 0.1, 0.1, 0.1]],
])('changes %s', (_, light, expected) => {
  expect(changed(light)).toEqual(expected);
});
