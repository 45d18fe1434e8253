import { availableParallelism } from 'node:os';
import type { ExecutorInfo } from '@trainyard/contracts';
import { type Executor, ExecutorError } from '@trainyard/program';
import { loadAddon } from './addon.js';
import { NativeSession } from './session.js';

export interface NativeExecutor extends Executor {
  openSession(): Promise<NativeSession>;
}

/** Whether the addon is built and loads; where not, what to type. */
export function nativeAvailability(): { available: true; version: string } | { available: false; reason: string } {
  const result = loadAddon();
  return 'addon' in result
    ? { available: true, version: result.addon.version }
    : { available: false, reason: result.reason };
}

/**
 * Runs programs in C++ on the CPU. `threads` (all processors where absent) is part of what makes runs repeatable: another
 * number sums in another order. Throws ExecutorError where the addon is not available.
 */
export async function openNativeExecutor(options: { threads?: number | undefined } = {}): Promise<NativeExecutor> {
  const result = loadAddon();
  if (!('addon' in result)) throw new ExecutorError(result.reason);
  const { addon } = result;
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1) throw new ExecutorError(`${threads} is not a number of threads`);
  const info: ExecutorInfo = {
    name: 'native',
    device: 'cpu',
    threads,
    version: addon.version,
  };
  return { info, openSession: async () => new NativeSession(addon, 'cpu', threads) };
}
