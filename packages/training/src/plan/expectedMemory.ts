import type { Memory } from '@trainyard/contracts';
import {
  type Executor,
  elementCount,
  type LoadedProgram,
  OutOfMemoryError,
  type Program,
  type Session,
  slotBytes,
} from '@trainyard/program';
import { splitSizes } from '@trainyard/spec';
import { stateSlots } from '../checkpoints/slots.js';
import {
  type EvaluationKind,
  evaluateProgram,
  evaluationBatch,
  type Training,
  testEvaluation,
  trainProgram,
  validationOf,
} from './programs.js';

/** A trainer just before its first step: Node 20, its modules, the addon with oneDNN, compiled kernels. */
const processBytes = 122e6;

/**
 * The peak memory of a trainer process. The peak is during the test, while the training's memory is still allocated.
 * Loads the programs that the trainer loads, into a session whose memory is never touched, which takes milliseconds.
 * @returns null where this machine refuses to allocate the memory
 */
export async function expectedMemory(executor: Executor, training: Training): Promise<Memory | null> {
  const session = await executor.openSession();
  try {
    return sumUp(training, await loadAll(session, training));
  } catch (error) {
    if (error instanceof OutOfMemoryError) return null;
    throw error;
  } finally {
    await session.close();
  }
}

interface Loaded {
  train: LoadedProgram;
  validation: LoadedProgram;
  test: LoadedProgram;
}

/** The largest program of each kind, in the order in which the trainer loads them. */
async function loadAll(session: Session, training: Training): Promise<Loaded> {
  const { spec, dataset } = training;
  const images = splitSizes(dataset, spec.dataset);
  const evaluation = (kind: EvaluationKind, count: number) =>
    session.load(evaluateProgram(training, kind, evaluationBatch(training, kind, count)));
  return {
    train: await session.load(trainProgram(training, Math.min(spec.batchSize, images.train))),
    validation: await evaluation(validationOf(training), images.validation),
    test: await evaluation(testEvaluation, images.test),
  };
}

function sumUp({ spec, dataset }: Training, { train, validation, test }: Loaded): Memory {
  const programs = [train, validation, test];
  const images = splitSizes(dataset, spec.dataset);
  const imageBytes = elementCount(dataset.imageShape);
  const used = images.train + images.validation;
  const random = spec.dataset.validationSplit !== 'head';
  const trainBytes = random ? touchedBytes(used, imageBytes, dataset.trainImages) : used * imageBytes;
  const datasetBytes = Math.round(trainBytes + images.test * imageBytes);
  const stateBytes = persistentBytes(train.program) + persistentBytes(test.program);
  const stepBytes =
    bytesTakenInTurn(programs.map(({ transientBytes }) => transientBytes)) +
    bytesTakenInTurn(programs.map(({ scratchBytes }) => scratchBytes));
  const checkpointBytes = stateBytes + Math.max(...stateSlotBytes(train.program));
  const peakBytes = processBytes + datasetBytes + stateBytes + stepBytes + checkpointBytes;
  return { processBytes, datasetBytes, stateBytes, stepBytes, checkpointBytes, peakBytes };
}

/**
 * Memory of programs that run in turn: each reuses the allocations before it that are large enough, or adds its own.
 */
function bytesTakenInTurn(sizes: readonly number[]): number {
  let [allocated, largest] = [0, 0];
  for (const size of sizes) {
    if (size <= largest) continue;
    allocated += size;
    largest = size;
  }
  return allocated;
}

const persistentBytes = (program: Program): number => stateSlotBytes(program).reduce((sum, bytes) => sum + bytes, 0);

/** Of every persistent slot except the dataset's, which are mapped from its file. */
const stateSlotBytes = (program: Program): number[] => stateSlots(program).map(slotBytes);

/** Linux maps this many bytes of a file around the touched address (fault-around). */
const mappedAtOnce = 65_536;

/** Expected number of mapped bytes after `count` random images of `images` have been read. */
function touchedBytes(count: number, imageBytes: number, images: number): number {
  const blocks = Math.max((images * imageBytes) / mappedAtOnce, 1);
  const touches = count * (1 + imageBytes / mappedAtOnce);
  return images * imageBytes * (1 - (1 - 1 / blocks) ** touches);
}
