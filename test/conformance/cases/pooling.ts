import { elementCount, type Window } from '@trainyard/program';
import { type Cases, Inputs, images, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2027);

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

export const pools: readonly PoolShapes[] = [
  poolOf([1, 5, 5, 1], [2, 2]),
  poolOf([2, 7, 9, 17], [3, 3], [2, 2]),
  poolOf([3, 6, 6, 3], [3, 2], [1, 2]),
  poolOf([2, 8, 8, 16], [2, 2]),
  poolOf([1, 9, 4, 3], [2, 3], [3, 1]),
  poolOf([2, 4, 4, 40], [4, 4]),
];

export const poolingCases = {
  maxPool: pools.map(({ title, x, y, window }) => ({
    title,
    in: { x: inputs.f32(x) },
    out: { y: written(y) },
    update: {},
    settings: { window },
  })),
  maxPoolGrad: pools.flatMap(({ title, x, y, window }) =>
    [inputs.f32(x), inputs.ties(x)].map((input, i) => {
      return {
        title: `${title}, ${i === 0 ? 'no ties' : 'ties'}`,
        in: { x: input, y: inputs.f32(y, maxOfWindows(input.values as Float32Array, x, y, window)), dy: inputs.f32(y) },
        out: { dx: written(x) },
        update: {},
        settings: { window },
      };
    }),
  ),
  avgPool: pools.map(({ title, x, y, window }) => ({
    title,
    in: { x: inputs.f32(x) },
    out: { y: written(y) },
    update: {},
    settings: { window },
  })),
  avgPoolGrad: pools.map(({ title, x, y, window }) => ({
    title,
    in: { dy: inputs.f32(y) },
    out: { dx: written(x) },
    update: {},
    settings: { window },
  })),
  globalAvgPool: images.map((shape) => ({
    title: shapeTitle(shape),
    in: { x: inputs.f32(shape) },
    out: { y: written([shape[0] as number, shape[3] as number]) },
    update: {},
    settings: {},
  })),
  globalAvgPoolGrad: images.map((shape) => ({
    title: shapeTitle(shape),
    in: { dy: inputs.f32([shape[0] as number, shape[3] as number]) },
    out: { dx: written(shape) },
    update: {},
    settings: {},
  })),
} satisfies Cases;

export function maxOfWindows(
  x: Float32Array,
  xShape: number[],
  yShape: number[],
  { size, stride }: Window,
): Float32Array {
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
