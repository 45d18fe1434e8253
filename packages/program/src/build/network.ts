import type { Model, Weight } from '@trainyard/architectures';
import { type SlotId, type SlotInitializer, slotNames } from '../program.js';
import { streams } from '../random.js';
import type { ProgramBuilder } from './builder.js';

/** An intermediate result of the network. */
export interface Value {
  slot: SlotId;
  /** With the batch: `[batch, height, width, channels]` or `[batch, units]`. */
  shape: readonly number[];
  /** Whether a trainable weight lies before it, so that its gradient is of use. */
  needsGradient: boolean;
}

/** What a layer made of its input, and how a gradient goes back through it. */
export interface LayerResult {
  y: Value;
  /**
   * Emits the ops that take the gradient of `y` to the gradients of the layer's weights (told to the network) and of its
   * input. Returns the latter; null where the input needs no gradient.
   */
  backward(dy: SlotId): SlotId | null;
}

/** The model while its program is being written: weights, gradients, what layers draw from. */
export class Network {
  /** Gradients by weight name, as the backward pass finds them. */
  readonly gradients = new Map<string, SlotId>();
  readonly #ordinals: Map<string, number>;
  #dropouts = 0;

  constructor(
    readonly builder: ProgramBuilder,
    readonly model: Model,
    /** train: batch statistics and dropout; inference: running statistics, no dropout. */
    readonly mode: 'train' | 'inference',
    /** Which values stand for the trainable weights. */
    readonly weights: 'model' | 'ema' = 'model',
    readonly seed = 0,
  ) {
    this.#ordinals = new Map(model.weights.map((weight, ordinal) => [weight.name, ordinal]));
  }

  /** The persistent slot of a weight. */
  weight(weight: Weight): SlotId {
    const average = this.weights === 'ema' && weight.trainable;
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

  /** The slot that counts draws. */
  step(): SlotId {
    return this.builder.feed(slotNames.step, [], 'i32');
  }

  /** The random stream of the next dropout layer. */
  nextDropoutStream(): number {
    return streams.dropout + this.#dropouts++;
  }
}
