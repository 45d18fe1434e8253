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

/** y = the outputs of the branches side by side, so the gradient of x is the sum of those through the branches. */
const concatenate: LayerRule<'concatenate'> = (network, layer, x) => {
  const { builder } = network;
  const branches = layer.branches.map((layers) => forward(network, layers, x));
  const y = { ...output(network, layer, x), needsGradient: branches.some((branch) => branch.y.needsGradient) };
  const [x0, x1, ...others] = branches.map((branch) => branch.y.slot);
  if (x0 === undefined || x1 === undefined) throw new Error(`${layer.name} has fewer than two branches`);
  const [x2 = null, x3 = null, x4 = null, x5 = null, x6 = null, x7 = null] = others;
  builder.emit({ kind: 'concatenate', in: { x0, x1, x2, x3, x4, x5, x6, x7 }, out: { y: y.slot } });
  return {
    y,
    backward(dy) {
      let from = 0;
      let dx: SlotId | null = null;
      for (const [i, branch] of branches.entries()) {
        const part = branch.y.shape;
        if (branch.y.needsGradient) {
          const dpart = builder.transient(`${layer.name}/dy${i}`, part);
          builder.emit({ kind: 'slice', in: { x: dy }, out: { y: dpart }, from });
          const through = branch.backward(dpart);
          dx = dx === null || through === null ? through : sum(dx, through, `${layer.name}/dx${i}`);
        }
        from += part.at(-1) as number;
      }
      return dx;
    },
  };

  function sum(a: SlotId, b: SlotId, name: string): SlotId {
    const total = builder.transient(name, x.shape);
    builder.emit({ kind: 'add', in: { a, b }, out: { y: total } });
    return total;
  }
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
  concatenate,
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
