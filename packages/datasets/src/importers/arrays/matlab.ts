import { inflateSync } from 'node:zlib';
import { InvalidInputError } from '@trainyard/contracts';
import type { NumpyArray } from './npy.js';

/*
 * Reads the numeric matrices of a MATLAB level 5 MAT-file
 * (https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf): a header of 128 bytes, then elements of type,
 * length and data, most of them compressed by zlib.
 */

const headerBytes = 128;
const matrixType = 14;
const compressedType = 15;
const mostUnpacked = 2 * 1024 ** 3 - 1;

/** By number of the type: name as NumPy has it, and bytes of a value. */
const types: Record<number, [name: string, bytes: number]> = {
  1: ['i1', 1],
  2: ['u1', 1],
  3: ['i2', 2],
  4: ['u2', 2],
  5: ['i4', 4],
  6: ['u4', 4],
  7: ['f4', 4],
  9: ['f8', 8],
};

/** @throws InvalidInputError for other formats and damage */
export function readMatlab(bytes: Buffer, file: string): Map<string, NumpyArray> {
  const title = bytes.subarray(0, 116).toString('latin1');
  if (/^MATLAB 7\.3|^\x89HDF/.test(title)) {
    throw new InvalidInputError(`${file} is a MATLAB 7.3 (HDF5) file; save it with the option -v7, or as .npz`);
  }
  if (!title.startsWith('MATLAB 5.0') || bytes.subarray(126, 128).toString('latin1') !== 'IM') {
    throw new InvalidInputError(`${file} is no MATLAB file of level 5; save it with the option -v7, or as .npz`);
  }
  try {
    return readElements(bytes);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(`${file} is a damaged MATLAB file (${(error as Error).message}); copy it again`);
  }
}

interface Element {
  type: number;
  data: Buffer;
  next: number;
}

/** Short elements have type and length in four bytes, and up to four bytes of data. */
function elementAt(bytes: Buffer, at: number): Element {
  const first = bytes.readUInt32LE(at);
  if (first >>> 16 !== 0) {
    return { type: first & 0xffff, data: bytes.subarray(at + 4, at + 4 + (first >>> 16)), next: at + 8 };
  }
  const length = bytes.readUInt32LE(at + 4);
  const end = at + 8 + length;
  if (end > bytes.length) throw new Error('it is cut off');
  // A compressed element is not padded to eight bytes.
  return {
    type: first,
    data: bytes.subarray(at + 8, end),
    next: first === compressedType ? end : Math.ceil(end / 8) * 8,
  };
}

function readElements(bytes: Buffer): Map<string, NumpyArray> {
  const arrays = new Map<string, NumpyArray>();
  for (let at = headerBytes; at + 8 <= bytes.length; ) {
    const { type, data, next } = elementAt(bytes, at);
    const element =
      type === compressedType ? elementAt(inflateSync(data, { maxOutputLength: mostUnpacked }), 0) : { type, data };
    if (element.type === matrixType) {
      const [name, array] = readMatrix(element.data);
      if (array !== null) arrays.set(name, array);
    }
    at = next;
  }
  return arrays;
}

/** @returns null for what is no matrix of real numbers: text, structures, cells */
function readMatrix(bytes: Buffer): [name: string, NumpyArray | null] {
  const flags = elementAt(bytes, 0);
  const dimensions = elementAt(bytes, flags.next);
  const name = elementAt(bytes, dimensions.next);
  const text = name.data.toString('latin1');
  const matrixClass = flags.data.readUInt32LE(0) & 0xff;
  if (matrixClass < 6 || matrixClass > 13) return [text, null];
  const values = elementAt(bytes, name.next);
  const type = types[values.type];
  if (type === undefined) return [text, null];
  const shape = Array.from({ length: dimensions.data.length / 4 }, (_, i) => dimensions.data.readInt32LE(i * 4));
  const count = shape.reduce((product, length) => product * length, 1);
  if (shape.some((length) => length < 0) || count * type[1] !== values.data.length)
    throw new Error('a matrix is cut off');
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape) {
    strides.push(stride);
    stride *= length;
  }
  return [text, { shape, strides, type: type[0], values: numbersOf(values.data, type[0]) }];
}

function numbersOf(data: Buffer, type: string): ArrayLike<number> {
  if (type === 'u1') return data;
  const { buffer } = Uint8Array.prototype.slice.call(data);
  if (type === 'i1') return new Int8Array(buffer);
  if (type === 'i2') return new Int16Array(buffer);
  if (type === 'u2') return new Uint16Array(buffer);
  if (type === 'i4') return new Int32Array(buffer);
  if (type === 'u4') return new Uint32Array(buffer);
  return type === 'f4' ? new Float32Array(buffer) : new Float64Array(buffer);
}
