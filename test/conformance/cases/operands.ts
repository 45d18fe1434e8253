import { type Activation, type DataType, elementCount, type OpKind } from '@trainyard/program';
import { type OpCase, type Operand, steps } from '../oneOp.js';
import { Random } from '../random.js';

/** Operands and shapes that the cases of several ops share. */

/** The cases of some ops. A group declares its own with `satisfies Cases`; index.ts checks that every op has some. */
export type Cases = { readonly [Kind in OpKind]?: readonly OpCase<Kind>[] };

/** Draws the inputs of a group of ops: the same on every machine and in every run, whatever the other groups draw. */
export class Inputs extends Random {
  /** `values` evenly in [-1, 1) unless given. */
  f32(shape: readonly number[], values = this.floats(elementCount(shape))): Operand {
    return { shape, dtype: 'f32', values, role: 'persistent' };
  }

  i32(shape: readonly number[], below: number): Operand {
    return { shape, dtype: 'i32', values: this.integers(elementCount(shape), below), role: 'persistent' };
  }

  /** Values with many ties. */
  ties(shape: readonly number[]): Operand {
    return this.f32(shape, this.coarse(elementCount(shape)));
  }

  /** Values in (0.1, 1.1). */
  positive(shape: readonly number[]): Operand {
    return this.f32(
      shape,
      this.floats(elementCount(shape)).map((value) => 0.6 + value / 2),
    );
  }
}

/** A slot that the op only writes. */
export const written = (shape: readonly number[], dtype: DataType = 'f32'): Operand => ({
  shape,
  dtype,
  values: null,
  role: 'persistent',
});

/** `values` of all steps, one after the other. */
export const fed = (shape: readonly number[], values: Float32Array | Int32Array): Operand => ({
  shape,
  dtype: values instanceof Float32Array ? 'f32' : 'i32',
  values,
  role: 'feed',
});

/** A scalar that counts up by one each step. */
export const counted = (first = 3): Operand =>
  fed(
    [],
    Int32Array.from({ length: steps }, (_, i) => first + i),
  );

export const activations: readonly (Activation | null)[] = [
  null,
  { kind: 'relu', slope: 0.01 },
  { kind: 'leakyRelu', slope: 0.2 },
  { kind: 'tanh', slope: 0.01 },
  { kind: 'sigmoid', slope: 0.01 },
  { kind: 'gelu', slope: 0.01 },
];
export const realActivations = activations.filter((activation) => activation !== null);

export const images = [
  [1, 5, 7, 1],
  [2, 3, 3, 17],
  [3, 6, 5, 3],
];
export const normalized = [...images, [4, 1, 1, 5], [1, 1, 1, 3], [7, 6], [33, 17]];
export const logits = [
  [1, 2],
  [5, 3],
  [33, 10],
  [4, 100],
];
export const weights = [[1], [17], [3, 3, 5, 7]];

export const shapeTitle = (shape: readonly number[]) => shape.join('x');
