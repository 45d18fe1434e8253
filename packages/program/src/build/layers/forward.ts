import type { ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import type { SlotId } from '../../slots.js';
import type { LayerResult, Network, Value } from '../network.js';
import { activation } from './activation.js';
import { batchNorm } from './batchNorm.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropout, spatialDropout } from './dropout.js';
import { flatten } from './flatten.js';
import { avgPool, globalAvgPool, maxPool } from './pooling.js';
import { inputGradient, type LayerRule, output, type Resolved } from './rule.js';
import { scale } from './scale.js';

/** y = x + layers(x), so the gradient of x is dy plus the gradient through the layers (He et al. 2016). */
const residual: LayerRule<'residual'> = (network, layer, x) => {
  const branch = forward(network, layer.branches[0] ?? [], x);
  const y = { ...output(network, layer, x), needsGradient: branch.y.needsGradient };
  network.builder.emit({ kind: 'add', in: { a: x.slot, b: branch.y.slot }, out: { y: y.slot } });
  return {
    y,
    backward(dy) {
      const throughBranch = branch.backward(dy);
      if (throughBranch === null) return null;
      const dx = inputGradient(network, layer, x);
      network.builder.emit({ kind: 'add', in: { a: dy, b: throughBranch }, out: { y: dx } });
      return dx;
    },
  };
};

/** y = x s(x) with a factor a channel, so the gradient of x is s dy plus that through s (Hu et al. 2018). */
const squeezeExcite: LayerRule<'squeezeExcite'> = (network, layer, x) => {
  const { builder } = network;
  const gate = forward(network, layer.branches[0] ?? [], x);
  const s = gate.y.slot;
  const y = { ...output(network, layer, x), needsGradient: gate.y.needsGradient };
  builder.emit({ kind: 'scaleChannels', in: { x: x.slot, s }, out: { y: y.slot } });
  return {
    y,
    backward(dy) {
      const ds = builder.transient(`${layer.name}/ds`, gate.y.shape);
      builder.emit({ kind: 'scaleChannelsGrad', in: { x: x.slot, dy }, out: { ds } });
      const throughGate = gate.backward(ds);
      if (throughGate === null) return null;
      const scaled = builder.transient(`${layer.name}/scaled`, x.shape);
      builder.emit({ kind: 'scaleChannels', in: { x: dy, s }, out: { y: scaled } });
      const dx = inputGradient(network, layer, x);
      builder.emit({ kind: 'add', in: { a: scaled, b: throughGate }, out: { y: dx } });
      return dx;
    },
  };
};

/** The forward and gradient ops of every type of layer; a type without a rule is a type error here. */
const rules: { [T in Layer['type']]: LayerRule<T> } = {
  conv2d,
  batchNorm,
  activation,
  maxPool,
  avgPool,
  globalAvgPool,
  dropout,
  spatialDropout,
  flatten,
  dense,
  scale,
  squeezeExcite,
  residual,
};

/**
 * Emits the forward ops of consecutive layers. Their `backward` goes through them from the last to the first and stops
 * where no trainable weight precedes: no gradient of the first layer's input is computed.
 */
export function forward(network: Network, layers: readonly ResolvedLayer[], x: Value): LayerResult {
  const results: LayerResult[] = [];
  let y = x;
  for (const layer of layers) {
    const rule = rules[layer.layer.type] as LayerRule<Layer['type']>;
    const result = rule(network, layer as Resolved<Layer['type']>, y);
    results.push(result);
    y = result.y;
  }
  const backward = (dy: SlotId): SlotId | null => {
    let gradient: SlotId | null = dy;
    for (const result of results.toReversed()) {
      if (gradient === null || !result.y.needsGradient) return null;
      gradient = result.backward(gradient);
    }
    return x.needsGradient ? gradient : null;
  };
  return { y, backward };
}
