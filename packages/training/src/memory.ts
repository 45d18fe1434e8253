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
import {
  evaluateProgram,
  evaluationBatch,
  type Scored,
  type Training,
  testScored,
  trainProgram,
  validationOf,
} from './programs.js';

/** A trainer that is about to take its first step: Node 20, its modules, the addon with oneDNN, compiled kernels. */
const processBytes = 122e6;

/**
 * What a trainer process will need at its peak, which comes with the test: the training waits beside it. Loads the programs
 * that the trainer loads, into a session whose memory nothing touches, and so takes milliseconds.
 * @returns null where this machine refuses to set the memory aside
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
  const evaluation = (scored: Scored, count: number) =>
    session.load(evaluateProgram(training, scored, evaluationBatch(training, scored, count)));
  return {
    train: await session.load(trainProgram(training, Math.min(spec.batchSize, images.train))),
    validation: await evaluation(validationOf(training), images.validation),
    test: await evaluation(testScored, images.test),
  };
}

function sumUp({ spec, dataset }: Training, { train, validation, test }: Loaded): Memory {
  const programs = [train, validation, test];
  const images = splitSizes(dataset, spec.dataset);
  const imageBytes = elementCount(dataset.imageShape);
  const trained = images.train + images.validation;
  const scattered = spec.dataset.validationSplit !== 'head';
  const parts = {
    processBytes,
    datasetBytes:
      (scattered ? touchedBytes(trained, imageBytes, dataset.trainImages) : trained * imageBytes) +
      images.test * imageBytes,
    stateBytes: persistentBytes(train.program) + persistentBytes(test.program),
    stepBytes:
      heldByTurns(programs.map(({ transientBytes }) => transientBytes)) +
      heldByTurns(programs.map(({ scratchBytes }) => scratchBytes)),
    checkpointBytes:
      persistentBytes(train.program) + persistentBytes(test.program) + Math.max(...stateSlotBytes(train.program)),
  };
  const whole = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, Math.round(bytes)]));
  const peakBytes = Object.values(whole).reduce((sum, bytes) => sum + bytes, 0);
  return { ...(whole as typeof parts), peakBytes };
}

/** What programs hold that use memory by turns: each takes what is large enough of what is there, or asks for its own. */
function heldByTurns(sizes: readonly number[]): number {
  let [held, largest] = [0, 0];
  for (const size of sizes) {
    if (size <= largest) continue;
    held += size;
    largest = size;
  }
  return held;
}

const persistentBytes = (program: Program): number => stateSlotBytes(program).reduce((sum, bytes) => sum + bytes, 0);

/** Of every persistent slot but the dataset's, which are mapped from its file. */
const stateSlotBytes = (program: Program): number[] =>
  program.slots.filter(({ role, name }) => role === 'persistent' && !name.startsWith('dataset/')).map(slotBytes);

/** Linux maps this many bytes of a file around the place that was touched (fault-around). */
const mappedAtOnce = 65_536;

/** Bytes that are mapped, to be expected, once `count` of `images` images have been read that were drawn at random. */
function touchedBytes(count: number, imageBytes: number, images: number): number {
  const blocks = Math.max((images * imageBytes) / mappedAtOnce, 1);
  const touches = count * (1 + imageBytes / mappedAtOnce);
  return images * imageBytes * (1 - (1 - 1 / blocks) ** touches);
}
