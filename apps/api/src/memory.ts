import type { Plan } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { expectedMemory, type Training } from '@trainyard/training';

/** What a trainer with so many compute threads will need; null on a GPU, or where this machine has no native executor to ask. */
export async function memoryOf(training: Training, threads: number): Promise<Plan['memory']> {
  if (training.spec.device === 'cuda' || !nativeAvailability().available) return null;
  return expectedMemory(await openNativeExecutor({ threads }), training);
}
