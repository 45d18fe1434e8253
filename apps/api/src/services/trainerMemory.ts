import type { Plan } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { expectedMemory, type Training } from '@trainyard/training';

/**
 * The memory that a trainer with `threads` compute threads needs. null for a GPU, or if this machine has no native
 * executor: the estimate comes from its memory plan.
 */
export async function trainerMemory(training: Training, threads: number): Promise<Plan['memory']> {
  if (training.spec.device === 'cuda' || !nativeAvailability().available) return null;
  return expectedMemory(await openNativeExecutor({ threads }), training);
}
