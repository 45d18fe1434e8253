import { totalmem } from 'node:os';

/** Bytes of memory that this process may use: the machine's, or the limit of its control group where that is lower. */
export function usableMemory(): number {
  // 0, or more than any machine has, where there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
