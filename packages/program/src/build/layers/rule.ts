import type { ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import type { SlotId } from '../../slots.js';
import type { LayerResult, Network, Value } from '../network.js';

/** A layer of one type, with its shapes. */
export type Resolved<T extends Layer['type']> = ResolvedLayer & { layer: Extract<Layer, { type: T }> };

/** Emits a layer's forward ops; the `backward` of its result emits the gradient ops. */
export type LayerRule<T extends Layer['type']> = (network: Network, layer: Resolved<T>, x: Value) => LayerResult;

/** Creates the slot of the layer's output, for the batch size of its input. */
export function output(network: Network, layer: ResolvedLayer, x: Value, name = `${layer.name}/y`): Value {
  const shape = [x.shape[0] as number, ...layer.outputShape];
  const needsGradient = x.needsGradient || layer.weights.some((weight) => weight.trainable);
  return { slot: network.builder.transient(name, shape), shape, needsGradient };
}

/** Creates a slot for the gradient of the layer's input. */
export const inputGradient = (network: Network, layer: ResolvedLayer, x: Value): SlotId =>
  network.builder.transient(`${layer.name}/dx`, x.shape);
