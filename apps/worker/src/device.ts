import type { Failure, JobSpec } from '@trainyard/contracts';

/** Where a job computes: what it asks for, on the device that its worker was given. Null: that worker was given a CPU alone. */
export function wantedDevice(worker: string, wish: JobSpec['device']): string | null {
  if (wish === 'auto' || worker.startsWith(wish)) return worker;
  return wish === 'cuda' && worker !== 'auto' ? null : wish;
}

export const noGpuGiven = (worker: string): Failure => ({
  code: 'device_unavailable',
  message:
    `the job wants a GPU and this worker was given ${worker}; send "device": "auto", ` +
    'or start a worker with TRAINYARD_DEVICE=cuda:0',
});
