import { type Cases, Inputs, normalized, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2028);

export const normalizationCases = {
  batchNorm: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    return {
      title: `${shapeTitle(shape)}, ${i % 3 ? 'with' : 'without'} gamma`,
      in: { x: inputs.f32(shape), gamma: i % 3 ? inputs.f32(channels) : null, beta: inputs.f32(channels) },
      out: { y: written(shape), mean: written(channels), invStd: written(channels) },
      update: { runningMean: inputs.f32(channels), runningVariance: inputs.positive(channels) },
      settings: { epsilon: i % 2 ? 1e-5 : 1e-2, momentum: i % 2 ? 0.1 : 0.6 },
    };
  }),
  batchNormInference: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    return {
      title: `${shapeTitle(shape)}, ${i % 3 ? 'with' : 'without'} gamma`,
      in: {
        x: inputs.f32(shape),
        gamma: i % 3 ? inputs.f32(channels) : null,
        beta: inputs.f32(channels),
        runningMean: inputs.f32(channels),
        runningVariance: inputs.positive(channels),
      },
      out: { y: written(shape) },
      update: {},
      settings: { epsilon: 1e-5 },
    };
  }),
  batchNormGrad: normalized.map((shape, i) => {
    const channels = [shape.at(-1) as number];
    const gamma = i % 3 ? inputs.f32(channels) : null;
    return {
      title: `${shapeTitle(shape)}, ${gamma ? 'with' : 'without'} gamma`,
      in: {
        x: inputs.f32(shape),
        dy: inputs.f32(shape),
        gamma,
        mean: inputs.f32(channels),
        invStd: inputs.positive(channels),
      },
      out: { dx: written(shape), dgamma: gamma && written(channels), dbeta: written(channels) },
      update: {},
      settings: {},
    };
  }),
} satisfies Cases;
