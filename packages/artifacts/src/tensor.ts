export type TensorData = Float32Array | Int32Array | Uint8Array;
export type TensorType = 'F32' | 'I32' | 'U8';

/** A named array as checkpoints store it: row-major, little-endian; kernels are HWIO `[height, width, in, out]`. */
export interface NamedTensor {
  name: string;
  /** A scalar is `[]`. */
  shape: number[];
  dtype: TensorType;
  data: TensorData;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The tensor's values as bytes, without a copy. Node runs on little-endian machines alone, so these are the file's bytes. */
export const bytesOf = ({ data }: NamedTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export const bytesPerElement: Record<TensorType, number> = { F32: 4, I32: 4, U8: 1 };

/** A tensor over a copy of `bytes`: a typed array must start at a multiple of its element's size. */
export function tensorFrom(name: string, shape: number[], dtype: TensorType, bytes: Uint8Array): NamedTensor {
  // Not slice(): that of a Buffer is no copy.
  const copy = new Uint8Array(bytes);
  const make = { F32: Float32Array, I32: Int32Array, U8: Uint8Array }[dtype];
  return { name, shape, dtype, data: new make(copy.buffer, 0, elementsOf(shape)) };
}

/** @throws Error when a tensor's type or length is not what it says. */
export function assertConsistent(tensor: NamedTensor): void {
  const array = { F32: Float32Array, I32: Int32Array, U8: Uint8Array }[tensor.dtype];
  if (!(tensor.data instanceof array) || tensor.data.length !== elementsOf(tensor.shape)) {
    throw new Error(`tensor ${tensor.name} does not hold ${tensor.dtype} values of shape [${tensor.shape}]`);
  }
}
