import type { Memory } from '@trainyard/contracts';
import { type Executor, type LoadedProgram, OutOfMemoryError, type Session, slotBytes } from '@trainyard/program';
import { type ProgramMemory, peakMemory, splitSizes, type TrainerPrograms } from '@trainyard/spec';
import { stateSlots } from '../checkpoints/slots.js';
import {
  type EvaluationKind,
  evaluateProgram,
  evaluationBatch,
  type Training,
  testEvaluations,
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
  const train = memoryOf(await session.load(trainProgram(training, Math.min(spec.batchSize, images.train))));
  const validation = await evaluation(validationOf(training), images.validation);
  const tests: ProgramMemory[] = [];
  for (const kind of testEvaluations(training)) tests.push(await evaluation(kind, images.test));
  return { train, validation, test: largest(tests) };
}

const memoryOf = ({ program, transientBytes, scratchBytes }: LoadedProgram): ProgramMemory => ({
  slots: stateSlots(program).map(slotBytes),
  transient: transientBytes,
  scratch: scratchBytes,
});

/** Of evaluations that run one after the other in a session; the first has every slot of the others. */
function largest(evaluations: ProgramMemory[]): ProgramMemory {
  return {
    slots: evaluations[0]?.slots ?? [],
    transient: Math.max(...evaluations.map(({ transient }) => transient)),
    scratch: Math.max(...evaluations.map(({ scratch }) => scratch)),
  };
}
