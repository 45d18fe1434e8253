import { type Convolution, elementCount, type Padding } from '@trainyard/program';
import { activations, type Cases, Inputs, normalized, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2025);

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
  dilation: [number, number] = [1, 1],
  groups = 1,
): ConvolutionShapes {
  const [batch, height, width, channels] = x;
  const rows =
    Math.floor((height - (kernelHeight - 1) * dilation[0] - 1 + padding.top + padding.bottom) / stride[0]) + 1;
  const columns =
    Math.floor((width - (kernelWidth - 1) * dilation[1] - 1 + padding.left + padding.right) / stride[1]) + 1;
  const { top, right, bottom, left } = padding;
  return {
    title: [
      x.join('x'),
      `${filters} of ${kernelHeight}x${kernelWidth}`,
      `stride ${stride}`,
      `padding ${[top, right, bottom, left]}`,
      `dilation ${dilation}`,
      ...(groups === 1 ? [] : [`${groups} groups`]),
    ].join(', '),
    x,
    w: [kernelHeight, kernelWidth, channels / groups, filters],
    y: [batch, rows, columns, filters],
    convolution: { stride, dilation, padding, groups },
  };
}

const convolutions: readonly ConvolutionShapes[] = [
  convolutionOf([1, 5, 5, 1], [1, 1, 1]),
  convolutionOf([2, 7, 9, 3], [3, 3, 5], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([3, 8, 7, 17], [3, 3, 19], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([1, 13, 11, 33], [3, 3, 40], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([2, 4, 4, 64], [3, 3, 32], [1, 1], pad(1, 1, 1, 1)),
  convolutionOf([2, 6, 5, 16], [3, 3, 17]),
  // For Winograd's algorithm: maps with enough tiles, tiles that the map's edge cuts, channels that fill no register.
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
  convolutionOf([2, 9, 8, 3], [3, 2, 4], [1, 1], pad(0, 0, 0, 0), [2, 3]),
  convolutionOf([1, 24, 20, 16], [3, 3, 17], [1, 1], pad(2, 2, 2, 2), [2, 2]),
  convolutionOf([3, 7, 9, 5], [3, 3, 2], [1, 1], pad(1, 3, 2, 0), [3, 1]),
  convolutionOf([2, 1, 9, 3], [1, 7, 4], [1, 1], pad(0, 3, 0, 3)),
  // Groups: as few as two, depthwise with one and with several filters a channel, and where Winograd would suit one.
  convolutionOf([2, 7, 9, 4], [3, 2, 6], [1, 1], pad(1, 1, 0, 0), [1, 1], 2),
  convolutionOf([1, 24, 20, 32], [3, 3, 48], [1, 1], pad(1, 1, 1, 1), [1, 1], 2),
  convolutionOf([2, 9, 8, 24], [3, 3, 24], [1, 1], pad(1, 1, 1, 1), [1, 1], 24),
  convolutionOf([3, 8, 7, 5], [5, 3, 15], [2, 1], pad(2, 1, 1, 0), [1, 1], 5),
  convolutionOf([2, 10, 9, 6], [3, 3, 9], [1, 1], pad(2, 2, 2, 2), [2, 2], 3),
  convolutionOf([1, 6, 5, 16], [1, 1, 32], [1, 1], pad(0, 0, 0, 0), [1, 1], 4),
];

/**
 * Of a size that keeps the outputs where activations are curved: where they saturate, a rounding error is large in
 * relation to the result.
 */
const filters = (w: readonly [number, number, number, number]) =>
  inputs.f32(
    w,
    inputs.floats(elementCount(w)).map((value) => value / Math.sqrt(w[0] * w[1] * w[2])),
  );

export const convolutionCases = {
  conv2d: convolutions.flatMap(({ title, x, w, y, convolution }, i) =>
    [activations[i % activations.length] ?? null, activations[(i + 1) % activations.length] ?? null].map(
      (activation, j) => ({
        title: `${title}, ${activation?.kind ?? 'linear'}, ${j === 0 ? 'with' : 'without'} bias`,
        in: { x: inputs.f32(x), w: filters(w), b: j === 0 ? inputs.f32([w[3]]) : null },
        out: { y: written(y) },
        update: {},
        settings: { convolution, activation },
      }),
    ),
  ),
  conv2dGradInput: convolutions.map(({ title, x, w, y, convolution }) => ({
    title,
    in: { dy: inputs.f32(y), w: inputs.f32(w) },
    out: { dx: written(x) },
    update: {},
    settings: { convolution },
  })),
  conv2dGradFilter: convolutions.map(({ title, x, w, y, convolution }, i) => ({
    title: `${title}, ${i % 3 ? 'with' : 'without'} bias`,
    in: { x: inputs.f32(x), dy: inputs.f32(y) },
    out: { dw: written(w), db: i % 3 ? written([w[3]]) : null },
    update: {},
    settings: { convolution },
  })),
  biasGrad: [...normalized, [64, 15, 15, 24]].map((shape) => ({
    title: shapeTitle(shape),
    in: { dy: inputs.f32(shape) },
    out: { db: written([shape.at(-1) as number]) },
    update: {},
    settings: {},
  })),
} satisfies Cases;
