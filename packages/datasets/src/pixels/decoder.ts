import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Picture } from '../importers/listing.js';
import { packBatch, type Task } from './batch.js';
import { memoryInUse } from './memory.js';
import type { DecodedBatch, Decoder, PixelOptions } from './picture.js';

/** The threads run compiled code, also where this file is run from its source, as in tests. */
const workerFile = createRequire(import.meta.url).resolve('@trainyard/datasets/pixels/worker');

/**
 * Starts a decoder with a thread a core. It has no queue limit of its own: call `decode` with a bounded number of
 * batches at a time, `parallel` of them, each of some hundred small pictures or one large one.
 */
export function openDecoder(threads: number = availableParallelism()): Decoder {
  const pool = new Piscina({
    filename: workerFile,
    minThreads: 1,
    maxThreads: threads,
    // A thread takes a tenth of a second to start, so it is kept while the source is read.
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
    workerData: memoryInUse(),
  });
  const run = <T>(task: Task): Promise<T> => pool.run(task, { transferList: [task.pack.bytes.buffer] });

  const decode = async (pictures: Picture[], options: PixelOptions): Promise<DecodedBatch> => {
    try {
      return await run({ kind: 'decode', pack: packBatch(pictures), options });
    } catch (error) {
      return await decodeApart(pictures, options, error as Error);
    }
  };
  /** A thread that ended, for want of memory for example, took its batch with it: only one picture is the reason. */
  const decodeApart = async (pictures: Picture[], options: PixelOptions, error: Error): Promise<DecodedBatch> => {
    const imageBytes = options.height * options.width * options.channels;
    const all: DecodedBatch = {
      pixels: new Uint8Array(pictures.length * imageBytes),
      faults: [],
      transparent: 0,
      cropped: 0,
    };
    if (pictures.length === 1) {
      all.faults.push({ index: 0, reason: `cannot be decoded (${error.message}); scale it down` });
      return all;
    }
    for (const [index, picture] of pictures.entries()) {
      const one = await decode([picture], options);
      all.pixels.set(one.pixels, index * imageBytes);
      all.faults.push(...one.faults.map(({ reason }) => ({ index, reason })));
      all.transparent += one.transparent;
      all.cropped += one.cropped;
    }
    return all;
  };
  return {
    // One batch for each thread, and one that waits, so that no thread waits for the next.
    parallel: 2 * threads,
    decode,
    sizeOf: (picture) => run({ kind: 'size', pack: packBatch([picture]) }),
    close: () => pool.destroy(),
  };
}
