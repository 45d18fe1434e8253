import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { type ArchiveLimits, type Entry, readEntries } from '../archives.js';
import type { PackedWriter, Split } from '../packed.js';
import type { OnProgress } from '../progress.js';
import { PickledArray, readPickle } from './pickle.js';
import type { ImportPlan } from './plan.js';

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

/** The archives that https://www.cs.toronto.edu/~kriz/cifar.html offers, with the MD5 sums it gives. */
export const cifar10Downloads = {
  python: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
    md5: 'c58f30108f718f92721af3b95e74349a',
  },
  binary: {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
};

/** One batch as it is stored: planes `[images, channels, height, width]` and labels `[images]`. */
interface Batch {
  planes: Buffer;
  labels: Uint8Array;
}

/**
 * One of the two original formats. Sources: the page above; a record of the binary one is a label byte and 3072
 * bytes of red, green and blue planes; a batch of the python one is a pickled dictionary with `data` and `labels`.
 */
export interface CifarFormat {
  trainBatches: string[];
  testBatch: string;
  decode(bytes: Buffer, file: string): Batch;
}

const numbers = [1, 2, 3, 4, 5];
const formats: CifarFormat[] = [
  { trainBatches: numbers.map((n) => `data_batch_${n}`), testBatch: 'test_batch', decode: decodePythonBatch },
  { trainBatches: numbers.map((n) => `data_batch_${n}.bin`), testBatch: 'test_batch.bin', decode: decodeBinaryBatch },
];

/** The format whose batches are among the paths, or null. */
export function cifarFormatOf(paths: string[]): CifarFormat | null {
  const files = new Set(paths.map((path) => basename(path)));
  return (
    formats.find(({ trainBatches, testBatch }) => files.has(testBatch) && files.has(String(trainBatches[0]))) ?? null
  );
}

/** Reads CIFAR-10's batches twice: to count their images, then to write them. */
export async function planCifar10(path: string, format: CifarFormat, limits?: ArchiveLimits): Promise<ImportPlan> {
  const counts = await countBatches(path, format, limits);
  const starts = new Map<string, number>();
  let trainImages = 0;
  for (const batch of format.trainBatches) {
    starts.set(batch, trainImages);
    trainImages += counts.get(batch) ?? 0;
  }
  const testImages = counts.get(format.testBatch) ?? 0;
  starts.set(format.testBatch, 0);
  return {
    classes: cifar10Classes,
    imageShape: cifar10Shape,
    trainImages,
    testImages,
    async write(writer: PackedWriter, onProgress: OnProgress) {
      let done = 0;
      await readEntries(
        path,
        async (entry) => {
          const name = basename(entry.path);
          const start = starts.get(name);
          if (start === undefined) return;
          const { planes, labels } = format.decode(await entry.read(), `${path}: ${entry.path}`);
          const split: Split = name === format.testBatch ? 'test' : 'train';
          await writer.write(split, start, interleave(planes), labels);
          done += labels.length;
          onProgress({ phase: 'importing', done, total: trainImages + testImages });
        },
        limits,
      );
    },
  };
}

/** Images a batch. Throws when one of the six batches is missing or there twice. */
async function countBatches(path: string, format: CifarFormat, limits?: ArchiveLimits): Promise<Map<string, number>> {
  const wanted = [...format.trainBatches, format.testBatch];
  const counts = new Map<string, number>();
  await readEntries(
    path,
    async (entry: Entry) => {
      const name = basename(entry.path);
      if (!wanted.includes(name)) return;
      if (counts.has(name)) throw new InvalidInputError(`${path} holds ${name} in two folders; keep one of them`);
      counts.set(name, format.decode(await entry.read(), `${path}: ${entry.path}`).labels.length);
    },
    limits,
  );
  const missing = wanted.filter((name) => !counts.has(name));
  if (missing.length > 0) throw new InvalidInputError(`${path} lacks ${missing.join(', ')}; get the archive again`);
  return counts;
}

function decodeBinaryBatch(bytes: Buffer, file: string): Batch {
  const record = 1 + imageBytes;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new InvalidInputError(`${file} has ${bytes.length} bytes, which is no multiple of ${record}`);
  }
  const images = bytes.length / record;
  const labels = new Uint8Array(images);
  const planes = Buffer.alloc(images * imageBytes);
  for (let i = 0; i < images; i++) {
    labels[i] = bytes[i * record] as number;
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
  // What is no byte becomes 255, which names no class either.
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
function interleave(planes: Buffer): Uint8Array {
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
