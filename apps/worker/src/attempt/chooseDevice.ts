import type { Failure, JobSpec } from '@trainyard/contracts';

/**
 * The device that a job computes on.
 * @param worker the device that its worker is configured for.
 * @param requested the device that its spec requests.
 * @returns null where the job requests a GPU and the worker is configured for a CPU.
 */
export function chooseDevice(worker: string, requested: JobSpec['device']): string | null {
  if (requested === 'auto' || worker.startsWith(requested)) return worker;
  return requested === 'cuda' && worker !== 'auto' ? null : requested;
}

export const noGpuFailure = (worker: string): Failure => ({
  code: 'device_unavailable',
  message:
    `the job requests a GPU and this worker is configured for ${worker}; send "device": "auto", ` +
    'or start a worker with TRAINYARD_DEVICE=cuda:0',
});
