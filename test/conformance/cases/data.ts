import { type ImageAugmentation, type ImageView, streams } from '@trainyard/program';
import { type OpCase, steps } from '../oneOp.js';
import { type Cases, counted, fed, Inputs, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2024);

const noAugmentation: ImageAugmentation = {
  crop: null,
  jitter: null,
  flip: 'none',
  translate: 0,
  border: 'zero',
  cutout: 0,
};
const crop = { leastScale: 0.1, mostScale: 1, leastRatio: 3 / 4, mostRatio: 4 / 3 };

function gatherCase({ size, augmentation, view }: GatherSettings): OpCase<'gatherImages'> {
  const [batch = 0, height = 0, width = 0, channels = 0] = size;
  return {
    title: `${shapeTitle(size)}, ${JSON.stringify(augmentation ?? view ?? null)}`,
    in: {
      images: {
        shape: [11, height, width, channels],
        dtype: 'u8',
        values: inputs.bytes(11 * height * width * channels),
        role: 'persistent',
      },
      indices: fed([batch], inputs.integers(steps * batch, 11)),
      step: augmentation ? counted(70_000) : null,
      epoch: augmentation?.flip === 'alternating' ? counted(6) : null,
    },
    out: { y: written(size) },
    update: {},
    settings: {
      // Between pixels and what is interpolated between them, so that only pixels that were dropped are zero.
      mean: [0.5031, 0.4107, 0.4523, 0.3019].slice(0, channels),
      std: [0.5, 0.25, 0.2, 0.3].slice(0, channels),
      augmentation: augmentation ? { ...noAugmentation, ...augmentation } : null,
      view: view ?? null,
      random: { seed: 0xfedcba98, stream: streams.augmentation },
    },
  };
}

interface GatherSettings {
  size: readonly number[];
  augmentation?: Partial<ImageAugmentation>;
  view?: ImageView;
}

const gathers: readonly GatherSettings[] = [
  { size: [1, 5, 5, 1] },
  { size: [5, 7, 6, 3] },
  { size: [9, 7, 6, 3], augmentation: { flip: 'random' } },
  { size: [9, 7, 6, 3], augmentation: { flip: 'alternating' } },
  { size: [9, 7, 6, 1], augmentation: { translate: 3 } },
  { size: [9, 7, 6, 2], augmentation: { translate: 5, border: 'reflect' } },
  { size: [9, 7, 9, 3], augmentation: { cutout: 4 } },
  { size: [33, 8, 9, 4], augmentation: { flip: 'random', translate: 2, cutout: 3 } },
  { size: [33, 8, 9, 3], augmentation: { flip: 'alternating', translate: 4, border: 'reflect', cutout: 3 } },
  { size: [3, 3, 3, 3], augmentation: { flip: 'random', translate: 16, cutout: 64 } },
  { size: [9, 7, 6, 3], augmentation: { crop } },
  { size: [5, 3, 11, 1], augmentation: { crop: { leastScale: 0.01, mostScale: 0.3, leastRatio: 0.1, mostRatio: 10 } } },
  { size: [3, 5, 5, 3], augmentation: { crop: { leastScale: 1, mostScale: 1, leastRatio: 1, mostRatio: 1 } } },
  { size: [9, 7, 6, 3], augmentation: { jitter: { brightness: 0.5, contrast: 1, saturation: 0.9, hue: 0.5 } } },
  { size: [9, 7, 6, 3], augmentation: { crop, jitter: { brightness: 0, contrast: 0, saturation: 0.4, hue: 0 } } },
  { size: [9, 7, 6, 1], augmentation: { jitter: { brightness: 1, contrast: 0.6, saturation: 0, hue: 0 }, cutout: 2 } },
  { size: [33, 9, 8, 4], augmentation: { crop, flip: 'random', translate: 2, cutout: 3 } },
  { size: [3, 4, 5, 3], view: { mirror: true, down: 0, right: 0 } },
  { size: [3, 4, 5, 1], view: { mirror: false, down: -1, right: 1 } },
  { size: [2, 6, 4, 3], view: { mirror: true, down: 5, right: -3 } },
];

/** keep, share, top, left, height, width; of two steps. */
const mixes = [
  { x: [5, 4, 6, 3], steps: [0.3, 0.3, 0, 0, 4, 6, 0, 0.75, 1, 2, 2, 3] },
  { x: [1, 3, 3, 1], steps: [0.5, 0.5, 0, 0, 3, 3, 0, 1, 2, 2, 0, 0] },
  { x: [33, 8, 7, 3], steps: [1, 1, 0, 0, 8, 7, 0, 0, 0, 0, 8, 7] },
];

export const dataCases = {
  mixImages: mixes.map(({ x, steps }) => ({
    title: x.join('x'),
    in: { x: inputs.f32(x), mixing: fed([6], Float32Array.from(steps)) },
    out: { y: written(x) },
    update: {},
    settings: {},
  })),
  gatherImages: gathers.map(gatherCase),
  gatherLabels: [1, 5, 33].map((batch) => ({
    title: `${batch} of 11`,
    in: { labels: inputs.i32([11], 10), indices: fed([batch], inputs.integers(steps * batch, 11)) },
    out: { y: written([batch], 'i32') },
    update: {},
    settings: {},
  })),
} satisfies Cases;
