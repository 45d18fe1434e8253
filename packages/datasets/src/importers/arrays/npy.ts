import { InvalidInputError } from '@trainyard/contracts';

/*
 * NumPy's .npy format (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic bytes, version,
 * length of the header, the header as a Python dictionary of three entries, then the values.
 */

/** An array of numbers or texts. Value `[i, j, ...]` is at `i * strides[0] + j * strides[1] + ...`. */
export interface NumpyArray {
  shape: number[];
  strides: number[];
  /** e.g. `u1`, `f4`, `U5`. */
  type: string;
  values: ArrayLike<number> | string[];
}

const magic = '\x93NUMPY';
const dimensionLimit = 8;

/** @throws InvalidInputError that says what it is instead, and what to do */
export function readNpy(bytes: Buffer, file: string): NumpyArray {
  if (bytes.subarray(0, 6).toString('latin1') !== magic || bytes.length < 12) {
    throw new InvalidInputError(`${file} is not a NumPy array; save it again with numpy.save or numpy.savez`);
  }
  const wide = (bytes[6] as number) >= 2;
  const headerStart = wide ? 12 : 10;
  const headerEnd = headerStart + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.subarray(headerStart, headerEnd).toString('latin1');
  const type = /'descr':\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (type === null || order === undefined || dimensions === undefined) {
    throw new InvalidInputError(
      `${file} has a structure that is no plain array of numbers; save images and labels apart`,
    );
  }
  const [, endian, kind = '', size = ''] = type;
  if (kind === 'O') {
    throw new InvalidInputError(
      `${file} holds Python objects, which can run code when they are read; save it again as an array of numbers ` +
        '(numpy.stack of equally large images)',
    );
  }
  const shape = dimensions
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, length) => product * length, 1);
  const itemBytes = kind === 'U' ? 4 * Number(size) : Number(size || 1);
  if (shape.length > dimensionLimit || headerEnd + count * itemBytes !== bytes.length) {
    throw new InvalidInputError(
      `${file} has ${bytes.length - headerEnd} bytes of values instead of ${shape.join(' x ')} of ${itemBytes}; ` +
        'copy it again',
    );
  }
  const values = readValues(bytes.subarray(headerEnd), `${kind}${size}`, endian === '>', file);
  return { shape, strides: stridesOf(shape, order === 'True'), type: `${kind}${size}`, values };
}

function stridesOf(shape: number[], fortran: boolean): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  let stride = 1;
  const axes = shape.map((_, axis) => axis);
  for (const axis of fortran ? axes : axes.reverse()) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

function readValues(bytes: Buffer, type: string, bigEndian: boolean, file: string): ArrayLike<number> | string[] {
  const kind = type[0];
  const size = Number(type.slice(1) || 1);
  if (kind === 'S' || kind === 'a') return textsOf(bytes, size, (item) => item.toString('utf8'));
  if (kind === 'U') {
    const point = (item: Buffer, at: number) => (bigEndian ? item.readUInt32BE(at) : item.readUInt32LE(at));
    return textsOf(bytes, size * 4, (item) => {
      const points = Array.from({ length: size }, (_, i) => point(item, i * 4)).filter((each) => each > 0);
      return String.fromCodePoint(...points.map((each) => (each > 0x10ffff ? 0xfffd : each)));
    });
  }
  // A copy, which is aligned and whose bytes may be swapped.
  const copy = Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
  if (bigEndian && size === 2) copy.swap16();
  if (bigEndian && size === 4) copy.swap32();
  if (bigEndian && size === 8) copy.swap64();
  const { buffer } = copy;
  switch (type) {
    case 'u1':
    case 'b1':
      return copy;
    case 'i1':
      return new Int8Array(buffer);
    case 'u2':
      return new Uint16Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'u8':
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case 'i8':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    default:
      throw new InvalidInputError(`${file} has values of the type ${type}; save it again as uint8 or float32`);
  }
}

function textsOf(bytes: Buffer, itemBytes: number, read: (item: Buffer) => string): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += itemBytes) {
    texts.push(read(bytes.subarray(at, at + itemBytes)).replace(/\0+$/, ''));
  }
  return texts;
}
