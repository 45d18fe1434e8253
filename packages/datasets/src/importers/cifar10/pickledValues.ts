/** A numpy array of uint8, C order. */
export class PickledArray {
  shape: number[] = [];
  data: Buffer = Buffer.alloc(0);
}

class PickledDtype {
  constructor(readonly code: string) {}
}

class PickledName {
  constructor(readonly name: string) {}
}

export type Pickled =
  | null
  | boolean
  | number
  | Buffer
  | Pickled[]
  | Map<string, Pickled>
  | PickledArray
  | PickledDtype
  | PickledName;

/** The only names that a pickle may refer to. */
const names = {
  reconstruct: ['numpy.core.multiarray _reconstruct', 'numpy._core.multiarray _reconstruct'],
  ndarray: ['numpy ndarray'],
  dtype: ['numpy dtype'],
  frombuffer: ['numpy.core.numeric _frombuffer', 'numpy._core.numeric _frombuffer'],
  /** Text that was encoded, which is how Python 3 writes bytes for Python 2. */
  encode: ['_codecs encode'],
};

export function knownName(name: string): PickledName {
  if (Object.values(names).flat().includes(name)) return new PickledName(name);
  throw new Error(`it names ${JSON.stringify(name)}, which is not data`);
}

export function construct(callable: Pickled, args: Pickled[]): Pickled {
  if (callable instanceof PickledName && names.reconstruct.includes(callable.name)) return new PickledArray();
  if (callable instanceof PickledName && names.dtype.includes(callable.name) && Buffer.isBuffer(args[0])) {
    return new PickledDtype(args[0].toString('latin1'));
  }
  if (callable instanceof PickledName && names.encode.includes(callable.name) && Buffer.isBuffer(args[0])) {
    if (args.length !== 2 || asText(args[1] as Pickled) !== 'latin1')
      throw new Error('it has bytes in an unknown encoding');
    return Buffer.from(args[0].toString('utf8'), 'latin1');
  }
  if (callable instanceof PickledName && names.frombuffer.includes(callable.name)) {
    const [data, dtype, shape, order] = args;
    const array = new PickledArray();
    setState(array, [1, shape as Pickled, dtype as Pickled, asText(order as Pickled) !== 'C', data as Pickled]);
    return array;
  }
  throw new Error('it calls something that is not data');
}

/** @param state of an array, in the order of numpy's __reduce__: version, shape, dtype, isFortran, bytes */
export function setState(target: Pickled, state: Pickled[]): void {
  if (target instanceof PickledDtype) return;
  const [, shape, dtype, fortran, data] = state;
  const plain = dtype instanceof PickledDtype && (dtype.code === 'u1' || dtype.code === 'uint8') && fortran === false;
  if (!(target instanceof PickledArray) || !plain || !Array.isArray(shape) || !Buffer.isBuffer(data)) {
    throw new Error('its array is not one of uint8 in C order');
  }
  target.shape = shape.map(asNumber);
  target.data = data;
  if (target.shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new Error(`its array has ${data.length} bytes for the shape ${target.shape.join(' x ')}`);
  }
}

/** Never `Number(value)`, which would convert a list to text: that of a hostile, deeply shared list never ends. */
function asNumber(value: Pickled): number {
  if (typeof value !== 'number') throw new Error('a number is missing');
  return value;
}

export function asText(value: Pickled): string {
  if (!Buffer.isBuffer(value)) throw new Error('a text is missing');
  return value.toString('utf8');
}

export function asList(value: Pickled): Pickled[] {
  if (!Array.isArray(value)) throw new Error('a list is missing');
  return value;
}

export function asMap(value: Pickled): Map<string, Pickled> {
  if (!(value instanceof Map)) throw new Error('a dictionary is missing');
  return value;
}

export function intoMap(map: Map<string, Pickled>, items: Pickled[]): Map<string, Pickled> {
  if (items.length % 2 !== 0) throw new Error('a value is missing');
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (!Buffer.isBuffer(key)) throw new Error('a key is not a string');
    map.set(key.toString('utf8'), items[i + 1] as Pickled);
  }
  return map;
}
