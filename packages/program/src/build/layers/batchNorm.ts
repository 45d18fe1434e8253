import { type SlotId, slotNames } from '../../slots.js';
import type { Network, Value } from '../network.js';
import { inputGradient, type LayerRule, output, type Resolved } from './rule.js';

/**
 * Ioffe and Szegedy 2015; the gradient includes those of the batch's mean and variance. A layer that is frozen as a
 * whole normalises by its running statistics in the training too.
 */
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

  if (network.mode === 'inference' || isFrozen(layer)) {
    const inputs = { x: x.slot, gamma, beta, ...running };
    builder.emit({ kind: 'batchNormInference', in: inputs, out: { y: y.slot }, epsilon });
    return { y, backward: (dy) => fixedGradient(network, layer, x, { dy, gamma, ...running }) };
  }

  const mean = builder.transient(`${layer.name}/mean`, shift.shape);
  const invStd = builder.transient(`${layer.name}/invStd`, shift.shape);
  const out = { y: y.slot, mean, invStd };
  builder.emit({ kind: 'batchNorm', in: { x: x.slot, gamma, beta }, out, update: running, epsilon, momentum });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      const dgamma = scale?.trainable ? network.gradient(scale) : null;
      const dbeta = shift.trainable ? network.gradient(shift) : builder.transient(`${layer.name}/dbeta`, shift.shape);
      builder.emit({
        kind: 'batchNormGrad',
        in: { x: x.slot, dy, gamma, mean, invStd },
        out: { dx, dgamma, dbeta },
      });
      return x.needsGradient ? dx : null;
    },
  };
};

const isFrozen = ({ weights }: Resolved<'batchNorm'>): boolean => weights.every(({ epochs }) => epochs === 0);

/**
 * With fixed statistics y is linear in x, so dx is dy times the same factor: batch norm of dy with a mean and a shift
 * of zero.
 */
function fixedGradient(
  network: Network,
  layer: Resolved<'batchNorm'>,
  x: Value,
  { dy, gamma, runningVariance }: { dy: SlotId; gamma: SlotId | null; runningVariance: SlotId },
): SlotId | null {
  if (!x.needsGradient) return null;
  const { builder } = network;
  const channels = layer.outputShape.at(-1) as number;
  const zeros = builder.persistent(slotNames.zeros(channels), [channels], 'f32', { type: 'zeros' });
  const dx = inputGradient(network, layer, x);
  const inputs = { x: dy, gamma, beta: zeros, runningMean: zeros, runningVariance };
  builder.emit({ kind: 'batchNormInference', in: inputs, out: { y: dx }, epsilon: layer.layer.epsilon });
  return dx;
}
