import { elementCount, type Model } from '@trainyard/architectures';
import {
  type Dataset,
  type DatasetChoice,
  type JobSpec,
  type Memory,
  storedImages,
  type Worker,
} from '@trainyard/contracts';
import { activationBytes, splitSizes } from './sizes.js';

/** Memory of a compiled program, in bytes. */
export interface ProgramMemory {
  /** Size of each persistent slot, without those of the dataset, which are mapped from its file. */
  slots: readonly number[];
  /** Activations and gradients of a step, as the memory plan lays them out. */
  transient: number;
  /** Scratch memory of the ops. */
  scratch: number;
}

/** The largest program of each kind that a trainer loads. */
export interface TrainerPrograms {
  train: ProgramMemory;
  validation: ProgramMemory;
  test: ProgramMemory;
}

/**
 * Measured: a trainer just before its first step with Node 20, its modules, the addon with oneDNN, compiled kernels.
 */
const processBytes = 122e6;

/**
 * Peak memory of a trainer process. The peak is during the test, while the memory of the training is still allocated.
 */
export function peakMemory(
  { train, validation, test }: TrainerPrograms,
  dataset: Dataset,
  choice: DatasetChoice,
): Memory {
  // In the order in which the trainer loads them.
  const programs = [train, validation, test];
  const datasetBytes = Math.round(mappedBytes(dataset, choice));
  const stateBytes = sum(train.slots) + sum(test.slots);
  const stepBytes =
    bytesInTurn(programs.map(({ transient }) => transient)) + bytesInTurn(programs.map(({ scratch }) => scratch));
  const checkpointBytes = stateBytes + Math.max(...train.slots);
  const peakBytes = processBytes + datasetBytes + stateBytes + stepBytes + checkpointBytes;
  return { processBytes, datasetBytes, stateBytes, stepBytes, checkpointBytes, peakBytes };
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/**
 * More than a trainer ever needs, from sizes alone: what is below the memory of a machine needs no exact plan. The
 * factors are generous bounds of what `peakMemory` adds up: states and copies of every weight, kept transforms.
 */
export function memoryBound({ spec, model, dataset }: { spec: JobSpec; model: Model; dataset: Dataset }): number {
  const weights = Float32Array.BYTES_PER_ELEMENT * model.parameters;
  return 2 * processBytes + dataset.bytes + 32 * weights + 5 * activationBytes(model, spec.batchSize);
}

/**
 * That none of the workers has the memory that a training needs, in a sentence with a remedy; null: one has it, or may
 * have it, as where no worker is connected or a GPU does the work.
 * @param workers those that are connected
 */
export function memoryWarning(
  { peakBytes }: Pick<Memory, 'peakBytes'>,
  { device }: Pick<JobSpec, 'device'>,
  workers: readonly Pick<Worker, 'device' | 'memoryBytes'>[],
): string | null {
  if (device !== 'cpu' && workers.some((worker) => worker.device.startsWith('cuda'))) return null;
  const largest = largestMemory(workers);
  if (peakBytes <= largest || largest === 0) return null;
  const has =
    workers.length === 1 ? 'the connected worker has' : `the largest of ${workers.length} connected workers has`;
  const remedy = 'use a smaller batchSize or network, or connect a worker with more memory';
  return `the trainer needs ${gigabytes(peakBytes)} of memory, and ${has} ${gigabytes(largest)}: ${remedy}`;
}

/** Of one worker, in bytes; infinite where one does not report it, 0 where there is none. */
export const largestMemory = (workers: readonly Pick<Worker, 'memoryBytes'>[]): number =>
  Math.max(0, ...workers.map(({ memoryBytes }) => memoryBytes ?? Number.POSITIVE_INFINITY));

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Allocations that are used in turn: each reuses an earlier one that is large enough, or adds its own. */
function bytesInTurn(sizes: readonly number[]): number {
  let [allocated, largest] = [0, 0];
  for (const size of sizes) {
    if (size <= largest) continue;
    allocated += size;
    largest = size;
  }
  return allocated;
}

/** Bytes of the dataset's file that are mapped once the training, validation and test images have been read. */
function mappedBytes(dataset: Dataset, choice: DatasetChoice): number {
  const images = splitSizes(dataset, choice);
  const imageBytes = elementCount(dataset.imageShape);
  const used = images.train + images.validation;
  const inOrder = choice.validationSplit === 'head';
  const trainBytes = inOrder ? used * imageBytes : touchedBytes(used, imageBytes, storedImages(dataset, 'train'));
  return trainBytes + images.test * imageBytes;
}

/** Linux maps this many bytes of a file around an address that is touched (fault-around). */
const mappedAtOnce = 65_536;

/** Expected number of mapped bytes after `count` of `images` images, drawn at random, have been read. */
function touchedBytes(count: number, imageBytes: number, images: number): number {
  const blocks = Math.max((images * imageBytes) / mappedAtOnce, 1);
  const touches = count * (1 + imageBytes / mappedAtOnce);
  return images * imageBytes * (1 - (1 - 1 / blocks) ** touches);
}
