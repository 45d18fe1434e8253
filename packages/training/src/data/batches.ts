import type { LoadedProgram, Program, Session } from '@trainyard/program';

/** Consecutive batches of one size over a list of images: `steps` batches from position `first` on. */
export interface BatchRun {
  program: LoadedProgram;
  batchSize: number;
  first: number;
  steps: number;
}
/** Whole batches, and the smaller last one where there is a remainder: every image exactly once. */
export type LoadedBatches = [BatchRun, ...BatchRun[]];

/**
 * Loads a program for the whole batches and another for the partial last one, as the shapes of a program are static.
 * Both share the session's persistent slots.
 * @param images at least one
 */
export async function loadBatches(
  session: Session,
  build: (batchSize: number) => Program,
  images: number,
  batchSize: number,
): Promise<LoadedBatches> {
  const steps = Math.floor(images / batchSize);
  const remainder = images % batchSize;
  const runs: BatchRun[] = [];
  if (steps > 0) runs.push({ program: await session.load(build(batchSize)), batchSize, first: 0, steps });
  if (remainder > 0) {
    const program = await session.load(build(remainder));
    runs.push({ program, batchSize: remainder, first: steps * batchSize, steps: 1 });
  }
  const [first, ...rest] = runs;
  if (first === undefined) throw new RangeError('there are no images to make batches of');
  return [first, ...rest];
}
