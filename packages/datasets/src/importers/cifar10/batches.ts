import { InvalidInputError } from '@trainyard/contracts';
import { readPickle } from './pickle.js';
import { PickledArray } from './pickledValues.js';

/** In the order of their labels: batches.meta of the original archives. */
export const cifar10Classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

export const cifar10Shape: [number, number, number] = [32, 32, 3];
const planeBytes = 32 * 32;
const imageBytes = 3 * planeBytes;

/** One batch as it is stored: planes `[images, channels, height, width]` and labels `[images]`. */
export interface Batch {
  planes: Buffer;
  labels: Uint8Array;
}

/**
 * One of the two original formats. Source: https://www.cs.toronto.edu/~kriz/cifar.html. A record of the binary one is a
 * label byte and 3072 bytes of red, green and blue planes; a batch of the python one is a pickled dictionary with
 * `data` and `labels`.
 */
export interface BatchFormat {
  trainBatches: string[];
  testBatch: string;
  decode(bytes: Buffer, file: string): Batch;
}

const numbers = [1, 2, 3, 4, 5];
export const batchFormats: BatchFormat[] = [
  { trainBatches: numbers.map((n) => `data_batch_${n}`), testBatch: 'test_batch', decode: decodePythonBatch },
  { trainBatches: numbers.map((n) => `data_batch_${n}.bin`), testBatch: 'test_batch.bin', decode: decodeBinaryBatch },
];

function decodeBinaryBatch(bytes: Buffer, file: string): Batch {
  const record = 1 + imageBytes;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new InvalidInputError(`${file} has ${bytes.length} bytes, which is no multiple of ${record}`);
  }
  const images = bytes.length / record;
  const labels = new Uint8Array(images);
  const planes = Buffer.alloc(images * imageBytes);
  for (let i = 0; i < images; i++) {
    labels[i] = bytes.readUInt8(i * record);
    bytes.copy(planes, i * imageBytes, i * record + 1, (i + 1) * record);
  }
  return checked({ planes, labels }, file);
}

function decodePythonBatch(pickle: Buffer, file: string): Batch {
  const batch = readPickle(pickle, file);
  const data = batch instanceof Map ? batch.get('data') : null;
  const labels = batch instanceof Map ? batch.get('labels') : null;
  if (!(data instanceof PickledArray) || !Array.isArray(labels)) {
    throw new InvalidInputError(`${file} is not a CIFAR-10 batch: it has no data or no labels`);
  }
  const [images, width] = data.shape;
  if (data.shape.length !== 2 || width !== imageBytes || images !== labels.length || images === 0) {
    throw new InvalidInputError(`${file} has ${data.shape.join(' x ')} data for ${labels.length} labels`);
  }
  // A label that is not a byte becomes 255, which names no class, so that `checked` refuses it.
  const bytes = Uint8Array.from(labels, (label) =>
    typeof label === 'number' && label >= 0 ? Math.min(label, 255) : 255,
  );
  return checked({ planes: data.data, labels: bytes }, file);
}

function checked(batch: Batch, file: string): Batch {
  const wrong = batch.labels.find((label) => label >= cifar10Classes.length);
  if (wrong !== undefined) throw new InvalidInputError(`${file} has the label ${wrong}; CIFAR-10 has 0 to 9`);
  return batch;
}

/** `[images, channels, height, width]` to `[images, height, width, channels]`. */
export function interleave(planes: Buffer): Uint8Array {
  const pixels = new Uint8Array(planes.length);
  for (let image = 0; image < planes.length; image += imageBytes) {
    for (let i = 0; i < planeBytes; i++) {
      pixels[image + i * 3] = planes[image + i] as number;
      pixels[image + i * 3 + 1] = planes[image + planeBytes + i] as number;
      pixels[image + i * 3 + 2] = planes[image + 2 * planeBytes + i] as number;
    }
  }
  return pixels;
}
