import type { AnyOp } from './ops/declaration.js';
import type { Op } from './ops/table.js';
import type { Slot } from './slots.js';

/**
 * A training step as data: a list of ops over numbered slots with static shapes. The builder writes programs, passes
 * rewrite them, executors run them. Layout is NHWC, kernels HWIO, all row-major. `O`: the ops it may hold; an executor
 * may add its own to those of the table.
 */
export interface Program<O extends AnyOp = Op> {
  /** For people: `train`, `evaluate`, `predict`. */
  name: string;
  slots: readonly Slot[];
  ops: readonly O[];
}
