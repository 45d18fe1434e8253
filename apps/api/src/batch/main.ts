import { DiskArtifactStore } from '@trainyard/artifacts';
import { type BatchProgress, type BatchResults, ConflictError } from '@trainyard/contracts';
import { DatasetStores, openDecoder, type Picture, pixelOptions } from '@trainyard/datasets';
import { Predictor } from '@trainyard/inference';
import { fitOf } from '#services/predict/fits.js';
import { runTask } from '../background/taskMain.js';
import { type BatchCommand, batchCommandSchema } from './messages.js';
import { type BatchRow, ResultFiles } from './resultFiles.js';
import { type BatchImage, openSource } from './source.js';

/* The process that classifies the images of a batch. */

/** Images that are decoded at once, or fewer where they have many bytes. */
const mostImages = 64;
const mostBytes = 16 * 2 ** 20;
/** Threads that read images. */
const decoderThreads = 2;

runTask<BatchCommand, BatchProgress, BatchResults>({
  title: 'the prediction',
  command: batchCommandSchema,
  names: ({ source }) => (source.kind === 'upload' ? { [source.file]: source.label } : {}),
  run: classify,
});

async function classify(
  command: BatchCommand,
  onProgress: (progress: BatchProgress) => void,
  signal: AbortSignal,
): Promise<BatchResults> {
  const { threads, memoryMegabytes, maxPixels, bytesLeft, folder } = command;
  const datasets = new DatasetStores(command.datasets).project(command.project);
  const trained = await readModel(command);
  const { dataset, inputShape } = trained.manifest;
  const options = { ...pixelOptions({}, inputShape), ...(await fitOf(datasets, trained.manifest)), maxPixels };
  const source = await openSource(datasets, command);
  onProgress({ done: 0, total: source.count });
  const files = await ResultFiles.create(folder, dataset.classes, bytesLeft ?? Number.POSITIVE_INFINITY);
  const predictor = new Predictor({ threads, memoryMegabytes, maxCalls: 1 });
  const decoder = openDecoder(decoderThreads);
  const model = { key: 'model', load: async () => ({ kind: 'checkpoint' as const, trained }) };

  const decode = async (images: BatchImage[]) => {
    const pictures = images.map((image): Picture => ('picture' in image ? image.picture : nothing));
    return { images, ...(await decoder.decode(pictures, options)) };
  };
  const rowsOf = async ({ images, pixels, faults }: Awaited<ReturnType<typeof decode>>): Promise<BatchRow[]> => {
    const reasons = new Map(faults.map(({ index, reason }) => [index, reason]));
    const { probabilities, classes } = await predictor.predict(model, {
      data: pixels,
      shape: [images.length, ...inputShape],
    });
    return images.map((image, i) => {
      const error = 'fault' in image ? image.fault : reasons.get(i);
      const outcome =
        error === undefined ? { probabilities: probabilities.subarray(i * classes, (i + 1) * classes) } : { error };
      return { name: image.name, actual: image.actual, outcome };
    });
  };

  let done = 0;
  let unreadable = 0;
  for await (const decoded of ahead(groupsOf(source.read()), decode, decoder.parallel)) {
    signal.throwIfAborted();
    const rows = await rowsOf(decoded);
    await files.add(rows);
    done += rows.length;
    unreadable += rows.filter(({ outcome }) => 'error' in outcome).length;
    onProgress({ done, total: source.count });
  }
  await source.close();
  return { images: done, unreadable, ...(await files.finish()) };
}

/** @throws CorruptCheckpointError; ConflictError where it is gone */
async function readModel({ artifacts, checkpointKey }: BatchCommand) {
  return new DiskArtifactStore(artifacts).readModel(checkpointKey).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new ConflictError('the checkpoint was removed since; predict with another one');
  });
}

/** In the place of a file that cannot be read, whose reason is known. */
const nothing: Picture = { kind: 'encoded', bytes: new Uint8Array() };

async function* groupsOf(images: AsyncIterable<BatchImage>): AsyncGenerator<BatchImage[]> {
  let group: BatchImage[] = [];
  let bytes = 0;
  for await (const image of images) {
    group.push(image);
    if ('picture' in image && image.picture.kind === 'encoded') bytes += image.picture.bytes.length;
    if (group.length < mostImages && bytes < mostBytes) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

/** Begins with the work on so many items before the first is wanted; the results keep their order. */
async function* ahead<T, R>(items: AsyncIterable<T>, work: (item: T) => Promise<R>, most: number): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // It is awaited later; until then an error must not end the process.
    result.catch(() => {});
    running.push(result);
    if (running.length >= most) yield await (running.shift() as Promise<R>);
  }
  for (const result of running) yield await result;
}
