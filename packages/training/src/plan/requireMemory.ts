import { TrainingFailure } from '@trainyard/contracts';
import type { Executor } from '@trainyard/program';
import { memoryBound } from '@trainyard/spec';
import { expectedMemory } from './expectedMemory.js';
import type { Training } from './programs.js';

/**
 * Refuses a training that this machine cannot hold before it allocates anything: otherwise the kernel would end the
 * trainer in the middle, and perhaps other processes of the machine. On a GPU it is the device that needs the memory.
 * @param available bytes that this process may use
 * @throws TrainingFailure `out_of_memory`
 */
export async function requireMemory(
  executor: Executor,
  training: Training,
  available = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { name, device } = executor.info;
  if (name !== 'native' || device !== 'cpu' || memoryBound(training) <= available) return;
  const memory = await expectedMemory(executor, training);
  if (memory !== null && memory.peakBytes <= available) return;
  const needed =
    memory === null ? 'more memory than this machine allocates' : `${gigabytes(memory.peakBytes)} of memory`;
  const remedy = `use a batchSize smaller than ${training.spec.batchSize}, or a smaller network`;
  throw new TrainingFailure(
    'out_of_memory',
    `the training needs ${needed}, and this worker may use ${gigabytes(available)}: ${remedy}`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
