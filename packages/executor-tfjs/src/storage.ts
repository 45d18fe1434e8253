import * as tf from '@tensorflow/tfjs-core';
import { checkValues, ExecutorError, elementCount, type Slot, type SlotData } from '@trainyard/program';

/**
 * The persistent slots of a session. Those of f32 and i32 are tensors; those of u8 (image sets) stay on the host,
 * because TensorFlow.js has no uint8 and would use four bytes for a pixel.
 */
export class Storage {
  readonly #stored = new Map<string, { slot: Slot; values: tf.Tensor | Uint8Array }>();

  /** Creates the slot, filled with zeros, unless it exists. Throws if it exists with another shape or type. */
  declare(slot: Slot): void {
    const known = this.#stored.get(slot.name)?.slot;
    if (known === undefined) {
      const values =
        slot.dtype === 'u8'
          ? new Uint8Array(elementCount(slot.shape))
          : tf.zeros([...slot.shape], slot.dtype === 'i32' ? 'int32' : 'float32');
      this.#stored.set(slot.name, { slot, values });
    } else if (known.dtype !== slot.dtype || !tf.util.arraysEqual([...known.shape], [...slot.shape])) {
      throw new ExecutorError(`slot ${slot.name} is ${described(known)} already and cannot be ${described(slot)}`);
    }
  }

  slot(name: string): Slot {
    return this.#find(name).slot;
  }

  tensor(name: string): tf.Tensor {
    const { values } = this.#find(name);
    if (values instanceof Uint8Array) throw new ExecutorError(`slot ${name} of uint8 is not a tensor`);
    return values;
  }

  host(name: string): Uint8Array {
    const { values } = this.#find(name);
    if (values instanceof Uint8Array) return values;
    throw new ExecutorError(`slot ${name} is on the device, not on the host`);
  }

  /** Stores a tensor of the slot's shape and type, which this object then owns, and frees the previous one. */
  replace(name: string, tensor: tf.Tensor): void {
    const stored = this.#find(name);
    if (stored.values instanceof Uint8Array) throw new ExecutorError(`slot ${name} of uint8 is not a tensor`);
    stored.values.dispose();
    stored.values = tensor;
  }

  /** Copies values in; throws on a wrong type or length. */
  write(name: string, data: SlotData): void {
    const { slot } = this.#find(name);
    checkValues(slot, data);
    if (data instanceof Uint8Array) this.host(name).set(data);
    else this.replace(name, tf.tensor(data.slice(), [...slot.shape], slot.dtype === 'i32' ? 'int32' : 'float32'));
  }

  /** A copy of a slot's values. */
  async read(name: string): Promise<SlotData> {
    const { slot, values } = this.#find(name);
    if (values instanceof Uint8Array) return values.slice();
    const data = await values.data();
    return slot.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data);
  }

  dispose(): void {
    for (const { values } of this.#stored.values()) if (!(values instanceof Uint8Array)) values.dispose();
    this.#stored.clear();
  }

  #find(name: string) {
    const stored = this.#stored.get(name);
    if (stored === undefined) throw new ExecutorError(`no loaded program has a persistent slot ${name}`);
    return stored;
  }
}

const described = (slot: Slot): string => `${slot.dtype}[${slot.shape.join(',')}]`;
