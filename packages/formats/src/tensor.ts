import { elementCount } from '@trainyard/architectures';

export type TensorData = Float32Array | Int32Array | Uint8Array;
export type TensorType = 'F32' | 'I32' | 'U8';

/** A named array as files store it: row-major, little-endian; kernels are HWIO `[height, width, in, out]`. */
export interface NamedTensor {
  name: string;
  /** A scalar is `[]`. */
  shape: number[];
  dtype: TensorType;
  data: TensorData;
}

const arrayTypes = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };

export const isTensorType = (name: string): name is TensorType => Object.hasOwn(arrayTypes, name);

export const byteLength = (dtype: TensorType, shape: readonly number[]): number =>
  elementCount(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;

/**
 * The values of a tensor as bytes, without a copy. They are the bytes of a file because every machine that Node runs on
 * is little-endian.
 */
export const bytesOf = ({ data }: NamedTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A tensor over a copy of `bytes`: a typed array has to start at a multiple of its element size. */
export function tensorFrom(name: string, shape: number[], dtype: TensorType, bytes: Uint8Array): NamedTensor {
  // Not slice(): that of a Buffer does not copy.
  const copy = new Uint8Array(bytes);
  return { name, shape, dtype, data: new arrayTypes[dtype](copy.buffer, 0, elementCount(shape)) };
}

/** @throws Error when the values of a tensor do not have its type or its shape. */
export function assertConsistent({ name, shape, dtype, data }: NamedTensor): void {
  if (!(data instanceof arrayTypes[dtype]) || data.length !== elementCount(shape))
    throw new Error(`tensor ${name} does not have ${dtype} values of shape [${shape}]`);
}
