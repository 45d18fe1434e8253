import { elementCount, streams } from '@trainyard/program';
import type { OpCase } from '../oneOp.js';
import { type Cases, counted, Inputs, images, realActivations, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2029);

/** The inputs of a concatenate, with so many rows and columns. */
function joined(rows: readonly number[], columns: readonly number[]): OpCase<'concatenate'>['in'] {
  const [x0, x1, x2 = null, x3 = null, x4 = null, x5 = null, x6 = null, x7 = null] = columns.map((count) =>
    inputs.f32([...rows, count]),
  );
  if (!x0 || !x1) throw new Error('a concatenate has at least two inputs');
  return { x0, x1, x2, x3, x4, x5, x6, x7 };
}

export const elementwiseCases = {
  activation: realActivations.flatMap((activation) =>
    [[1, 1], [33, 17], ...images].map((shape) => ({
      title: `${activation.kind} of ${shapeTitle(shape)}`,
      in: {
        x: inputs.f32(
          shape,
          inputs.floats(elementCount(shape)).map((x) => 4 * x),
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
      in: { saved: inputs.ties(shape), dy: inputs.f32(shape) },
      out: { dx: written(shape) },
      update: {},
      settings: { activation },
    })),
  ),
  dropout: [0, 0.1, 0.5, 0.9].flatMap((rate) =>
    [...images, [33, 17]].map((shape) => ({
      title: `${rate} of ${shapeTitle(shape)}`,
      in: { x: inputs.f32(shape), step: counted() },
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
      in: { x: inputs.f32(shape), step: counted() },
      out: { y: written(shape) },
      update: {},
      settings: { rate, random: { seed: 78, stream: streams.dropout } },
    })),
  ),
  scale: [[1], [33, 17], ...images].map((shape) => ({
    title: shapeTitle(shape),
    in: { x: inputs.f32(shape) },
    out: { y: written(shape) },
    update: {},
    settings: { factor: 1 / 9 },
  })),
  scaleChannels: images.map((shape) => ({
    title: shapeTitle(shape),
    in: { x: inputs.f32(shape), s: inputs.f32([shape[0] as number, shape[3] as number]) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),
  // The last one has more pixels than the sum of one block.
  scaleChannelsGrad: [...images, [2, 21, 19, 23]].map((shape) => ({
    title: shapeTitle(shape),
    in: { x: inputs.f32(shape), dy: inputs.f32(shape) },
    out: { ds: written([shape[0] as number, shape[3] as number]) },
    update: {},
    settings: {},
  })),
  concatenate: [
    [3, 5],
    [1, 1, 1],
    [17, 4, 64],
    [1, 2, 3, 4, 5, 6, 70, 80],
  ].flatMap((channels) =>
    [[1], [33], [2, 3, 5], [3, 19, 21]].map((rows) => ({
      title: `${channels.join(', ')} columns of ${shapeTitle(rows)}`,
      in: joined(rows, channels),
      out: { y: written([...rows, channels.reduce((sum, count) => sum + count)]) },
      update: {},
      settings: {},
    })),
  ),
  slice: [[1], [33], [2, 3, 5], [3, 19, 21]].flatMap((rows) =>
    [
      [0, 3, 8],
      [5, 3, 8],
      [1, 1, 3],
      [20, 64, 91],
    ].map(([from = 0, count = 0, all = 0]) => ({
      title: `${count} of ${all} columns of ${shapeTitle(rows)}, from ${from}`,
      in: { x: inputs.f32([...rows, all]) },
      out: { y: written([...rows, count]) },
      update: {},
      settings: { from },
    })),
  ),
  add: [[1], [33, 17], ...images].map((shape) => ({
    title: shapeTitle(shape),
    in: { a: inputs.f32(shape), b: inputs.f32(shape) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),
} satisfies Cases;
