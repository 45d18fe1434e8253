import { totalmem } from 'node:os';

/**
 * Bytes of memory that this process may use: the machine's, or the limit of its control group where that is lower.
 * @param shares into how many parts it is divided; the answer is one of them
 */
export function usableMemory(shares = 1): number {
  // 0, or more than any machine has, where there is no limit.
  const limit = process.constrainedMemory();
  const whole = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(whole / shares);
}
