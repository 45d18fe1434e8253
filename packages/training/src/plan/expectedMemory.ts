import type { Memory } from '@trainyard/contracts';
import { type Executor, type LoadedProgram, OutOfMemoryError, type Session, slotBytes } from '@trainyard/program';
import { type ProgramMemory, peakMemory, splitSizes, type TrainerPrograms } from '@trainyard/spec';
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

/**
 * The peak memory of a trainer process. Loads the programs that the trainer loads, into a session whose memory is never
 * touched, which takes milliseconds.
 * @returns null where this machine refuses to allocate the memory
 */
export async function expectedMemory(executor: Executor, training: Training): Promise<Memory | null> {
  const session = await executor.openSession();
  try {
    const programs = await loadAll(session, training);
    return peakMemory(programs, training.dataset, training.spec.dataset);
  } catch (error) {
    if (error instanceof OutOfMemoryError) return null;
    throw error;
  } finally {
    await session.close();
  }
}

/** The largest program of each kind, in the order in which the trainer loads them. */
async function loadAll(session: Session, training: Training): Promise<TrainerPrograms> {
  const { spec, dataset } = training;
  const images = splitSizes(dataset, spec.dataset);
  const evaluation = async (kind: EvaluationKind, count: number) =>
    memoryOf(await session.load(evaluateProgram(training, kind, evaluationBatch(training, kind, count))));
  return {
    train: memoryOf(await session.load(trainProgram(training, Math.min(spec.batchSize, images.train)))),
    validation: await evaluation(validationOf(training), images.validation),
    test: await evaluation(testEvaluation, images.test),
  };
}

const memoryOf = ({ program, transientBytes, scratchBytes }: LoadedProgram): ProgramMemory => ({
  slots: stateSlots(program).map(slotBytes),
  transient: transientBytes,
  scratch: scratchBytes,
});
