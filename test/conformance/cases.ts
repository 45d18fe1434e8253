import {
  type Activation,
  type Convolution,
  type DataType,
  elementCount,
  type ImageAugmentation,
  type ImageView,
  type OpKind,
  type Padding,
  streams,
  type Window,
} from '@trainyard/program';
import type { OpCase, Operand } from './oneOp.js';
import { steps } from './oneOp.js';
import { Random } from './random.js';

/** For every op: inputs of odd shapes, batches of one, 1, 3 and 17 channels, and the settings that change what it does. */

const random = new Random(2024);
const f32 = (shape: readonly number[], values = random.floats(elementCount(shape))): Operand => ({
  shape,
  dtype: 'f32',
  values,
  role: 'persistent',
});
const i32 = (shape: readonly number[], below: number): Operand => ({
  shape,
  dtype: 'i32',
  values: random.integers(elementCount(shape), below),
  role: 'persistent',
});
/** Values with many ties. */
const coarse = (shape: readonly number[]) => f32(shape, random.coarse(elementCount(shape)));
/** Values in (0.1, 1.1). */
const positive = (shape: readonly number[]) =>
  f32(
    shape,
    random.floats(elementCount(shape)).map((value) => 0.6 + value / 2),
  );
const written = (shape: readonly number[], dtype: DataType = 'f32'): Operand => ({
  shape,
  dtype,
  values: null,
  role: 'persistent',
});
const fed = (shape: readonly number[], values: Float32Array | Int32Array): Operand => ({
  shape,
  dtype: values instanceof Float32Array ? 'f32' : 'i32',
  values,
  role: 'feed',
});
const step = (first = 3) =>
  fed(
    [],
    Int32Array.from({ length: steps }, (_, i) => first + i),
  );
const learningRate = () => fed([], Float32Array.of(0.1, 0.05));

const activations: readonly (Activation | null)[] = [
  null,
  { kind: 'relu', slope: 0.01 },
  { kind: 'leakyRelu', slope: 0.2 },
  { kind: 'tanh', slope: 0.01 },
  { kind: 'sigmoid', slope: 0.01 },
  { kind: 'gelu', slope: 0.01 },
];
const realActivations = activations.filter((activation) => activation !== null);

interface ConvolutionShapes {
  title: string;
  x: [number, number, number, number];
  w: [number, number, number, number];
  y: [number, number, number, number];
  convolution: Convolution;
}

const pad = (top: number, right: number, bottom: number, left: number): Padding => ({ top, bottom, left, right });

/** `x` as [batch, height, width, channels], `w` as [height, width, filters]. */
function convolutionOf(
  x: [number, number, number, number],
  [kernelHeight, kernelWidth, filters]: [number, number, number],
  stride: [number, number] = [1, 1],
  padding: Padding = pad(0, 0, 0, 0),
): ConvolutionShapes {
  const [batch, height, width, channels] = x;
  const rows = Math.floor((height - kernelHeight + padding.top + padding.bottom) / stride[0]) + 1;
  const columns = Math.floor((width - kernelWidth + padding.left + padding.right) / stride[1]) + 1;
  const { top, right, bottom, left } = padding;
  return {
    title: `${x.join('x')}, ${filters} of ${kernelHeight}x${kernelWidth}, stride ${stride}, padding ${[top, right, bottom, left]}`,
    x,
    w: [kernelHeight, kernelWidth, channels, filters],
    y: [batch, rows, columns, filters],
    convolution: { stride, padding },
  };
}

const convolutions: readonly ConvolutionShapes[] = [
  convolutionOf([1, 5, 5, 1], [1, 1, 1]),
  convolutionOf([2, 7, 9, 3], [3, 3, 5], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([3, 8, 7, 17], [3, 3, 19], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([1, 13, 11, 33], [3, 3, 40], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([2, 4, 4, 64], [3, 3, 32], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([2, 6, 5, 16], [3, 3, 17]),
  // Maps with tiles enough for Winograd's way, tiles that the map's end cuts, and channels that fill no register.
  convolutionOf([1, 24, 20, 16], [3, 3, 16], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([2, 13, 15, 17], [3, 3, 19], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([33, 4, 4, 40], [3, 3, 24], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([3, 12, 12, 64], [3, 3, 33], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([1, 23, 22, 24], [3, 3, 70]),
  convolutionOf([2, 14, 15, 16], [3, 3, 17], [1, 1], pad(2, 0, 1, 2)),
  convolutionOf([101, 7, 7, 32], [3, 3, 16], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([1, 9, 6, 3], [5, 5, 6]),
  convolutionOf([3, 20, 20, 3], [5, 5, 6]),
  convolutionOf([2, 10, 10, 6], [5, 5, 16]),
  convolutionOf([2, 11, 10, 3], [3, 2, 4], [2, 3], pad(0, 1, 1, 0)),
  convolutionOf([1, 6, 6, 17], [3, 3, 17], [2, 2], pad(0, 1, 1, 0)),
  convolutionOf([2, 7, 5, 17], [1, 1, 3], [2, 2]),
  convolutionOf([1, 3, 3, 2], [3, 3, 3], [1, 1], pad(2, 0, 1, 2)),
  convolutionOf([2, 1, 9, 3], [1, 7, 4], [1, 1], pad(0, 3, 0, 3)),
];

/** Of a size that leaves the outputs where activations bend: beyond, a rounding error is large beside a saturated one. */
const filters = (w: readonly [number, number, number, number]) =>
  f32(
    w,
    random.floats(elementCount(w)).map((value) => value / Math.sqrt(w[0] * w[1] * w[2])),
  );

const densities: readonly { batch: number; inputs: number; units: number }[] = [
  { batch: 1, inputs: 1, units: 1 },
  { batch: 3, inputs: 17, units: 5 },
  { batch: 1, inputs: 400, units: 120 },
  { batch: 33, inputs: 130, units: 65 },
];
const denseTitle = ({ batch, inputs, units }: (typeof densities)[number]) => `${batch}x${inputs} to ${units}`;

interface PoolShapes {
  title: string;
  x: number[];
  y: number[];
  window: Window;
}

function poolOf(x: [number, number, number, number], size: [number, number], stride = size): PoolShapes {
  const [batch, height, width, channels] = x;
  const y = [
    batch,
    Math.floor((height - size[0]) / stride[0]) + 1,
    Math.floor((width - size[1]) / stride[1]) + 1,
    channels,
  ];
  return { title: `${x.join('x')}, ${size.join('x')}, stride ${stride}`, x, y, window: { size, stride } };
}

const pools: readonly PoolShapes[] = [
  poolOf([1, 5, 5, 1], [2, 2]),
  poolOf([2, 7, 9, 17], [3, 3], [2, 2]),
  poolOf([3, 6, 6, 3], [3, 2], [1, 2]),
  poolOf([2, 8, 8, 16], [2, 2]),
  poolOf([1, 9, 4, 3], [2, 3], [3, 1]),
  poolOf([2, 4, 4, 40], [4, 4]),
];

const images = [
  [1, 5, 7, 1],
  [2, 3, 3, 17],
  [3, 6, 5, 3],
];
const normalized = [...images, [4, 1, 1, 5], [1, 1, 1, 3], [7, 6], [33, 17]];
const logits = [
  [1, 2],
  [5, 3],
  [33, 10],
  [4, 100],
];
const weights = [[1], [17], [3, 3, 5, 7]];

const shapeTitle = (shape: readonly number[]) => shape.join('x');

const noAugmentation: ImageAugmentation = { flip: 'none', translate: 0, border: 'zero', cutout: 0 };

function gatherCase({ size, augmentation, view }: GatherSettings): OpCase<'gatherImages'> {
  const [batch = 0, height = 0, width = 0, channels = 0] = size;
  return {
    title: `${shapeTitle(size)}, ${JSON.stringify(augmentation ?? view ?? null)}`,
    in: {
      images: {
        shape: [11, height, width, channels],
        dtype: 'u8',
        values: random.bytes(11 * height * width * channels),
        role: 'persistent',
      },
      indices: fed([batch], random.integers(steps * batch, 11)),
      step: augmentation ? step(70_000) : null,
      epoch: augmentation?.flip === 'alternating' ? step(6) : null,
    },
    out: { y: written(size) },
    update: {},
    settings: {
      // No multiple of 1/255, so that zero means: dropped.
      mean: [0.5, 0.41, 0.45, 0.3].slice(0, channels),
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
  { size: [3, 4, 5, 3], view: { mirror: true, down: 0, right: 0 } },
  { size: [3, 4, 5, 1], view: { mirror: false, down: -1, right: 1 } },
  { size: [2, 6, 4, 3], view: { mirror: true, down: 5, right: -3 } },
];

export const cases: { [K in OpKind]: OpCase<K>[] } = {
  gatherImages: gathers.map(gatherCase),
  gatherLabels: [1, 5, 33].map((batch) => ({
    title: `${batch} of 11`,
    in: { labels: i32([11], 10), indices: fed([batch], random.integers(steps * batch, 11)) },
    out: { y: written([batch], 'i32') },
    update: {},
    settings: {},
  })),

  conv2d: convolutions.flatMap(({ title, x, w, y, convolution }, i) =>
    [activations[i % activations.length] ?? null, activations[(i + 1) % activations.length] ?? null].map(
      (activation, j) => ({
        title: `${title}, ${activation?.kind ?? 'linear'}, ${j === 0 ? 'with' : 'without'} bias`,
        in: { x: f32(x), w: filters(w), b: j === 0 ? f32([w[3]]) : null },
        out: { y: written(y) },
        update: {},
        settings: { convolution, activation },
      }),
    ),
  ),
  conv2dGradInput: convolutions.map(({ title, x, w, y, convolution }) => ({
    title,
    in: { dy: f32(y), w: f32(w) },
    out: { dx: written(x) },
    update: {},
    settings: { convolution },
  })),
  conv2dGradFilter: convolutions.map(({ title, x, w, y, convolution }, i) => ({
    title: `${title}, ${i % 3 ? 'with' : 'without'} bias`,
    in: { x: f32(x), dy: f32(y) },
    out: { dw: written(w), db: i % 3 ? written([w[3]]) : null },
    update: {},
    settings: { convolution },
  })),

  biasGrad: [...normalized, [64, 15, 15, 24]].map((shape) => ({
    title: shapeTitle(shape),
    in: { dy: f32(shape) },
    out: { db: written([shape.at(-1) as number]) },
    update: {},
    settings: {},
  })),
  dense: densities.flatMap((sizes, i) =>
    activations.map((activation, j) => ({
      title: `${denseTitle(sizes)}, ${activation?.kind ?? 'linear'}, ${(i + j) % 2 ? 'with' : 'without'} bias`,
      in: {
        x: f32([sizes.batch, sizes.inputs]),
        w: f32([sizes.inputs, sizes.units]),
        b: (i + j) % 2 ? f32([sizes.units]) : null,
      },
      out: { y: written([sizes.batch, sizes.units]) },
      update: {},
      settings: { activation },
    })),
  ),
  denseGradInput: densities.map((sizes) => ({
    title: denseTitle(sizes),
    in: { dy: f32([sizes.batch, sizes.units]), w: f32([sizes.inputs, sizes.units]) },
    out: { dx: written([sizes.batch, sizes.inputs]) },
    update: {},
    settings: {},
  })),
  denseGradFilter: densities.flatMap((sizes) =>
    [true, false].map((bias) => ({
      title: `${denseTitle(sizes)}, ${bias ? 'with' : 'without'} bias`,
      in: { x: f32([sizes.batch, sizes.inputs]), dy: f32([sizes.batch, sizes.units]) },
      out: { dw: written([sizes.inputs, sizes.units]), db: bias ? written([sizes.units]) : null },
      update: {},
      settings: {},
    })),
  ),

  maxPool: pools.map(({ title, x, y, window }) => ({
    title,
    in: { x: f32(x) },
    out: { y: written(y) },
    update: {},
    settings: { window },
  })),
  maxPoolGrad: pools.flatMap(({ title, x, y, window }) =>
    [f32, coarse].map((values) => {
      const input = values(x);
      return {
        title: `${title}, ${values === f32 ? 'no ties' : 'ties'}`,
        in: { x: input, y: f32(y, maxOfWindows(input.values as Float32Array, x, y, window)), dy: f32(y) },
        out: { dx: written(x) },
        update: {},
        settings: { window },
      };
    }),
  ),
  avgPool: pools.map(({ title, x, y, window }) => ({
    title,
    in: { x: f32(x) },
    out: { y: written(y) },
    update: {},
    settings: { window },
  })),
  avgPoolGrad: pools.map(({ title, x, y, window }) => ({
    title,
    in: { dy: f32(y) },
    out: { dx: written(x) },
    update: {},
    settings: { window },
  })),
  globalAvgPool: images.map((shape) => ({
    title: shapeTitle(shape),
    in: { x: f32(shape) },
    out: { y: written([shape[0] as number, shape[3] as number]) },
    update: {},
    settings: {},
  })),
  globalAvgPoolGrad: images.map((shape) => ({
    title: shapeTitle(shape),
    in: { dy: f32([shape[0] as number, shape[3] as number]) },
    out: { dx: written(shape) },
    update: {},
    settings: {},
  })),

  batchNorm: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    return {
      title: `${shapeTitle(shape)}, ${i % 3 ? 'with' : 'without'} gamma`,
      in: { x: f32(shape), gamma: i % 3 ? f32(channels) : null, beta: f32(channels) },
      out: { y: written(shape), mean: written(channels), invStd: written(channels) },
      update: { runningMean: f32(channels), runningVariance: positive(channels) },
      settings: { epsilon: i % 2 ? 1e-5 : 1e-2, momentum: i % 2 ? 0.1 : 0.6 },
    };
  }),
  batchNormInference: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    return {
      title: `${shapeTitle(shape)}, ${i % 3 ? 'with' : 'without'} gamma`,
      in: {
        x: f32(shape),
        gamma: i % 3 ? f32(channels) : null,
        beta: f32(channels),
        runningMean: f32(channels),
        runningVariance: positive(channels),
      },
      out: { y: written(shape) },
      update: {},
      settings: { epsilon: 1e-5 },
    };
  }),
  batchNormGrad: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    const gamma = i % 3 ? f32(channels) : null;
    return {
      title: `${shapeTitle(shape)}, ${gamma ? 'with' : 'without'} gamma`,
      in: { x: f32(shape), dy: f32(shape), gamma, mean: f32(channels), invStd: positive(channels) },
      out: { dx: written(shape), dgamma: gamma && written(channels), dbeta: written(channels) },
      update: {},
      settings: {},
    };
  }),

  activation: realActivations.flatMap((activation) =>
    [[1, 1], [33, 17], ...images].map((shape) => ({
      title: `${activation.kind} of ${shapeTitle(shape)}`,
      in: {
        x: f32(
          shape,
          random.floats(elementCount(shape)).map((x) => 4 * x),
        ),
      },
      out: { y: written(shape) },
      update: {},
      settings: { activation },
    })),
  ),
  activationGrad: realActivations.flatMap((activation) =>
    [[1, 1], [33, 17], ...images].map((shape) => ({
      title: `${activation.kind} of ${shapeTitle(shape)}`,
      in: { saved: coarse(shape), dy: f32(shape) },
      out: { dx: written(shape) },
      update: {},
      settings: { activation },
    })),
  ),
  dropout: [0, 0.1, 0.5, 0.9].flatMap((rate) =>
    [...images, [33, 17]].map((shape) => ({
      title: `${rate} of ${shapeTitle(shape)}`,
      in: { x: f32(shape), step: step() },
      out: { y: written(shape) },
      update: {},
      settings: { rate, random: { seed: 77, stream: streams.dropout + 1 } },
    })),
  ),
  spatialDropout: [0, 0.3, 0.7].flatMap((rate) =>
    [
      [4, 5, 7, 3],
      [3, 3, 3, 17],
      [9, 2, 3, 4],
    ].map((shape) => ({
      title: `${rate} of ${shapeTitle(shape)}`,
      in: { x: f32(shape), step: step() },
      out: { y: written(shape) },
      update: {},
      settings: { rate, random: { seed: 78, stream: streams.dropout } },
    })),
  ),
  scale: [[1], [33, 17], ...images].map((shape) => ({
    title: shapeTitle(shape),
    in: { x: f32(shape) },
    out: { y: written(shape) },
    update: {},
    settings: { factor: 1 / 9 },
  })),
  add: [[1], [33, 17], ...images].map((shape) => ({
    title: shapeTitle(shape),
    in: { a: f32(shape), b: f32(shape) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),

  softmaxCrossEntropy: logits.flatMap(([batch = 0, classes = 0]) =>
    [0, 0.1].map((labelSmoothing) => ({
      title: `${batch}x${classes}, smoothing ${labelSmoothing}`,
      in: { logits: f32([batch, classes], spread(random.coarse(batch * classes))), labels: i32([batch], classes) },
      out: { loss: written([]), hits: written([]), dlogits: labelSmoothing ? written([batch, classes]) : null },
      update: {},
      settings: { labelSmoothing },
    })),
  ),
  softmax: logits.map((shape) => ({
    title: shapeTitle(shape),
    in: { x: f32(shape, spread(random.floats(elementCount(shape)))) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),

  sgd: weights.flatMap((shape) =>
    [
      { momentum: 0, nesterov: false, weightDecay: 0 },
      { momentum: 0, nesterov: false, weightDecay: 0.1 },
      { momentum: 0.9, nesterov: false, weightDecay: 0 },
      { momentum: 0.8, nesterov: true, weightDecay: 0.05 },
    ].map((settings) => ({
      title: `${shapeTitle(shape)}, ${JSON.stringify(settings)}`,
      in: { g: f32(shape), learningRate: learningRate() },
      out: {},
      update: { w: f32(shape), v: settings.momentum > 0 ? f32(shape) : null },
      settings,
    })),
  ),
  adam: weights.flatMap((shape) =>
    [
      { weightDecay: 0, decoupled: false, first: 0 },
      { weightDecay: 0.1, decoupled: false, first: 9 },
      { weightDecay: 0.1, decoupled: true, first: 2000 },
    ].map(({ weightDecay, decoupled, first }) => ({
      title: `${shapeTitle(shape)}, decay ${weightDecay}${decoupled ? ' decoupled' : ''}, from step ${first}`,
      in: { g: f32(shape), learningRate: learningRate(), step: step(first) },
      out: {},
      update: { w: f32(shape), m: f32(shape), v: positive(shape) },
      settings: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay, decoupled },
    })),
  ),
  ema: weights.map((shape) => ({
    title: shapeTitle(shape),
    in: { w: f32(shape) },
    out: {},
    update: { average: f32(shape) },
    settings: { decay: 0.9 },
  })),
  lookahead: weights.flatMap((shape) =>
    [
      [0.3, 1, 1, 0],
      [1, 0, 0.999, 1],
      [1, 1, 0.5, 0.25],
    ].map((blend) => ({
      title: `${shapeTitle(shape)}, ${blend}`,
      in: { blend: fed([2], Float32Array.from(blend)) },
      out: {},
      update: { slow: f32(shape), w: f32(shape) },
      settings: {},
    })),
  ),
  accumulate: [1, 20].map((count) => ({
    title: `of ${count}`,
    in: { loss: f32([]), hits: f32([], Float32Array.of(3)) },
    out: {},
    update: { totals: f32([3]) },
    settings: { count },
  })),
  confusion: logits.map(([batch = 0, classes = 0]) => ({
    title: `${batch}x${classes}`,
    in: { logits: coarse([batch, classes]), labels: i32([batch], classes) },
    out: {},
    update: { counts: i32([classes, classes], 5) },
    settings: {},
  })),
};

/** Logits as an unsure and as a sure network gives them. */
function spread(values: Float32Array): Float32Array {
  return values.map((value, i) => (i % 7 === 0 ? 40 : 3) * value);
}

function maxOfWindows(x: Float32Array, xShape: number[], yShape: number[], { size, stride }: Window): Float32Array {
  const [, height = 0, width = 0, channels = 0] = xShape;
  const [batch = 0, rows = 0, columns = 0] = yShape;
  const y = new Float32Array(elementCount(yShape)).fill(Number.NEGATIVE_INFINITY);
  for (let target = 0; target < y.length; target++) {
    const channel = target % channels;
    const column = Math.floor(target / channels) % columns;
    const row = Math.floor(target / channels / columns) % rows;
    const image = Math.floor(target / channels / columns / rows) % batch;
    for (let i = 0; i < size[0]; i++) {
      for (let j = 0; j < size[1]; j++) {
        const pixel = (image * height + row * stride[0] + i) * width + column * stride[1] + j;
        y[target] = Math.max(y[target] as number, x[pixel * channels + channel] as number);
      }
    }
  }
  return y;
}
