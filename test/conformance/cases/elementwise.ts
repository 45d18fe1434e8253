import { elementCount, streams } from '@trainyard/program';
import { type Cases, counted, Inputs, images, realActivations, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2029);

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
  add: [[1], [33, 17], ...images].map((shape) => ({
    title: shapeTitle(shape),
    in: { a: inputs.f32(shape), b: inputs.f32(shape) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),
} satisfies Cases;
