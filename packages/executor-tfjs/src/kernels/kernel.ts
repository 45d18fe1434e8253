import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpKind, OpOf, SlotData, SlotId } from '@trainyard/program';

/** The values of an op's slots during a step. */
export interface Operands {
  /** The slot's values, `slot.shape`; the kernel must not dispose it. */
  tensor(slot: SlotId): Tensor;
  /** The values of a feed or of a uint8 set, which are on the host. */
  host(slot: SlotId): SlotData;
  shape(slot: SlotId): readonly number[];
}

type Part<Op, Name extends string> = Op extends Record<Name, infer Slots> ? Slots : unknown;
type Named<Slots> = { [S in keyof Slots]: null extends Slots[S] ? Tensor | null : Tensor };

/** New values of all slots that an op writes or updates, by operand; null where the op has no such slot. */
export type Results<K extends OpKind> = Named<Part<OpOf<K>, 'out'> & Part<OpOf<K>, 'update'>>;

/** Computes an op. Runs inside tf.tidy: tensors that it does not return are freed. */
export type Kernel<K extends OpKind> = (op: OpOf<K>, operands: Operands) => Results<K>;
