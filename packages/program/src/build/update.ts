import type { Weight } from '@trainyard/architectures';
import type { Optimizer } from '@trainyard/contracts';
import { type SlotId, slotNames } from '../slots.js';
import { parameterGroup } from './groups.js';
import type { Network } from './network.js';

const zeros = { type: 'zeros' } as const;

/** Emits the optimiser's update of one weight by its gradient. Weight decay applies to every weight, as in PyTorch. */
export function updateWeight(network: Network, weight: Weight, gradient: SlotId, optimizer: Optimizer): void {
  const { builder } = network;
  const { name, shape } = weight;
  const w = network.weight(weight);
  const { rateSlot, weightDecay } = parameterGroup(weight, optimizer);
  const learningRate = builder.feed(rateSlot, [], 'f32');
  if (optimizer.type === 'sgd') {
    const { momentum, nesterov } = optimizer;
    const v = momentum > 0 ? builder.persistent(slotNames.momentum(name), shape, 'f32', zeros) : null;
    const inputs = { g: gradient, learningRate };
    builder.emit({ kind: 'sgd', in: inputs, update: { w, v }, momentum, nesterov, weightDecay });
    return;
  }
  const { beta1, beta2, epsilon } = optimizer;
  builder.emit({
    kind: 'adam',
    in: { g: gradient, learningRate, step: network.step() },
    update: {
      w,
      m: builder.persistent(slotNames.adamM(name), shape, 'f32', zeros),
      v: builder.persistent(slotNames.adamV(name), shape, 'f32', zeros),
    },
    beta1,
    beta2,
    epsilon,
    weightDecay,
    decoupled: optimizer.type === 'adamw',
  });
}

/**
 * Emits the op that moves a weight, or a running statistic, and its slow copy towards each other. Both start with the
 * same values.
 */
export function lookAhead(network: Network, weight: Weight): void {
  const { builder } = network;
  const slow = builder.persistent(slotNames.slow(weight.name), weight.shape, 'f32', network.initializer(weight));
  const blend = builder.feed(slotNames.lookahead, [2], 'f32');
  builder.emit({ kind: 'lookahead', in: { blend }, update: { slow, w: network.weight(weight) } });
}

/** Emits the op that updates the average of a weight, or of a running statistic; it starts with the same values. */
export function averageWeight(network: Network, weight: Weight): void {
  const { builder } = network;
  const average = builder.persistent(slotNames.ema(weight.name), weight.shape, 'f32', network.initializer(weight));
  const shares = builder.feed(slotNames.averaging, [2], 'f32');
  builder.emit({ kind: 'ema', in: { w: network.weight(weight), shares }, update: { average } });
}
