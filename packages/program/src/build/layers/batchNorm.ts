import { inputGradient, type LayerRule, output } from './rule.js';

/** Ioffe and Szegedy 2015; the gradient includes those of the batch's mean and variance. */
export const batchNorm: LayerRule<'batchNorm'> = (network, layer, x) => {
  const { builder } = network;
  const [shift, movingMean, movingVariance] = layer.weights.slice(-3);
  const scale = layer.layer.scale ? layer.weights[0] : undefined;
  if (!shift || !movingMean || !movingVariance) throw new Error(`${layer.name} lacks weights`);
  const gamma = scale ? network.weight(scale) : null;
  const beta = network.weight(shift);
  const running = { runningMean: network.weight(movingMean), runningVariance: network.weight(movingVariance) };
  const { epsilon, momentum } = layer.layer;
  const y = output(network, layer, x);

  if (network.mode === 'inference') {
    const inputs = { x: x.slot, gamma, beta, ...running };
    builder.emit({ kind: 'batchNormInference', in: inputs, out: { y: y.slot }, epsilon });
    return { y, backward: () => null };
  }

  const mean = builder.transient(`${layer.name}/mean`, shift.shape);
  const invStd = builder.transient(`${layer.name}/invStd`, shift.shape);
  const out = { y: y.slot, mean, invStd };
  builder.emit({ kind: 'batchNorm', in: { x: x.slot, gamma, beta }, out, update: running, epsilon, momentum });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      const dgamma = scale ? network.gradient(scale) : null;
      const dbeta = network.gradient(shift);
      builder.emit({
        kind: 'batchNormGrad',
        in: { x: x.slot, dy, gamma, mean, invStd },
        out: { dx, dgamma, dbeta },
      });
      return x.needsGradient ? dx : null;
    },
  };
};
