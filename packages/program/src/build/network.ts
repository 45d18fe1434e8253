import type { Model, Weight } from '@trainyard/architectures';
import { streams } from '../random.js';
import { type SlotId, type SlotInitializer, slotNames } from '../slots.js';
import type { ProgramBuilder } from './builder.js';

/** An intermediate result of the network. */
export interface Value {
  slot: SlotId;
  /** With the batch: `[batch, height, width, channels]` or `[batch, units]`. */
  shape: readonly number[];
  /** Whether a trainable weight precedes it, so that its gradient is needed. */
  needsGradient: boolean;
}

/** A layer's output, and its backward pass. */
export interface LayerResult {
  y: Value;
  /**
   * Emits the ops that compute, from the gradient of `y`, the gradients of the layer's weights (which the network
   * records) and of its input. Returns the slot of the latter; null where the input needs no gradient.
   */
  backward(dy: SlotId): SlotId | null;
}

/** A model whose program is being built: the slots of its weights and gradients, and its random streams. */
export class Network {
  /** Slots of the gradients by weight name, filled by the backward pass. */
  readonly gradients = new Map<string, SlotId>();
  readonly #ordinals: Map<string, number>;
  #dropouts = 0;

  constructor(
    readonly builder: ProgramBuilder,
    readonly model: Model,
    /** train: batch statistics and dropout; inference: running statistics, no dropout. */
    readonly mode: 'train' | 'inference',
    /** Which values are used for the weights and running statistics that change in the training. */
    readonly weights: 'model' | 'ema' = 'model',
    readonly seed = 0,
  ) {
    this.#ordinals = new Map(model.weights.map((weight, ordinal) => [weight.name, ordinal]));
  }

  /** The persistent slot of a weight. */
  weight(weight: Weight): SlotId {
    const average = this.weights === 'ema' && weight.epochs !== 0;
    const name = average ? slotNames.ema(weight.name) : weight.name;
    return this.builder.persistent(name, weight.shape, 'f32', this.initializer(weight));
  }

  initializer(weight: Weight): SlotInitializer {
    const { initializer, name } = weight;
    const ordinal = this.#ordinals.get(name);
    if (ordinal === undefined) throw new Error(`model ${this.model.name} lists no weight ${name}`);
    return 'bound' in initializer ? { ...initializer, stream: streams.initialWeights + ordinal } : initializer;
  }

  /** A new slot for the gradient of a weight. */
  gradient(weight: Weight): SlotId {
    const slot = this.builder.transient(`${weight.name}/gradient`, weight.shape);
    this.gradients.set(weight.name, slot);
    return slot;
  }

  /** The feed slot with the number of steps before this one, which draws depend on. */
  step(): SlotId {
    return this.builder.feed(slotNames.step, [], 'i32');
  }

  /** The random stream of the next dropout layer. */
  nextDropoutStream(): number {
    return streams.dropout + this.#dropouts++;
  }
}
