import { type Cases, counted, fed, Inputs, shapeTitle, weights } from './operands.js';

const inputs = new Inputs(2031);
const learningRate = () => fed([], Float32Array.of(0.1, 0.05));

export const updateCases = {
  sgd: weights.flatMap((shape) =>
    [
      { momentum: 0, nesterov: false, weightDecay: 0 },
      { momentum: 0, nesterov: false, weightDecay: 0.1 },
      { momentum: 0.9, nesterov: false, weightDecay: 0 },
      { momentum: 0.8, nesterov: true, weightDecay: 0.05 },
    ].map((settings) => ({
      title: `${shapeTitle(shape)}, ${JSON.stringify(settings)}`,
      in: { g: inputs.f32(shape), learningRate: learningRate() },
      out: {},
      update: { w: inputs.f32(shape), v: settings.momentum > 0 ? inputs.f32(shape) : null },
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
      in: { g: inputs.f32(shape), learningRate: learningRate(), step: counted(first) },
      out: {},
      update: { w: inputs.f32(shape), m: inputs.f32(shape), v: inputs.positive(shape) },
      settings: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay, decoupled },
    })),
  ),
  ema: weights.map((shape) => ({
    title: shapeTitle(shape),
    in: { w: inputs.f32(shape), shares: fed([2], Float32Array.of(0.1, 0.9, 0.9, 0.1)) },
    out: {},
    update: { average: inputs.f32(shape) },
    settings: {},
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
      update: { slow: inputs.f32(shape), w: inputs.f32(shape) },
      settings: {},
    })),
  ),
} satisfies Cases;
