import type { Precision } from '@trainyard/contracts';
import type { Executor } from '@trainyard/program';

export const executorNames = ['native', 'tfjs'] as const;
export type ExecutorName = (typeof executorNames)[number];
export const precisions = ['fp32', 'tf32', 'bf16'] as const satisfies readonly Precision[];

export interface ExecutorOptions {
  /** `cpu`, `cuda:N`, or `torch:cpu`. */
  device: string;
  precision: Precision;
  /** undefined: all processors. */
  threads: number | undefined;
}

/** Loads the one executor that is asked for: the other would count in the process's memory. */
export async function openExecutor(name: ExecutorName, options: ExecutorOptions): Promise<Executor> {
  if (name === 'tfjs') return (await import('@trainyard/executor-tfjs')).openTfjsExecutor();
  return (await import('@trainyard/executor-native')).openNativeExecutor(options);
}
