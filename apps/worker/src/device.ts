import type { JobSpec } from '@trainyard/contracts';

/** Where a job computes: what it asks for, on the device that its worker was given; the spec's wish wins over `auto`. */
export function wantedDevice(worker: string, wish: JobSpec['device']): string {
  if (wish === 'auto' || worker.startsWith(wish)) return worker;
  return wish;
}
