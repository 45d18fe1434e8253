import { type JobSpec, type StartCommand, TrainingFailure } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { openTfjsExecutor, tfjsBackends } from '@trainyard/executor-tfjs';
import type { Executor } from '@trainyard/program';

/** The executor for a job, and a warning for the job's owner. */
export interface Choice {
  executor: Executor;
  warning: { code: string; message: string } | null;
}

type Request = Pick<StartCommand, 'executor' | 'device'> & Pick<JobSpec, 'precision'>;

/**
 * Opens the executor that the worker is configured for, or the fastest that works on this machine.
 * @throws TrainingFailure when the requested device or executor is not available; the message says how to get it.
 */
export async function chooseExecutor(request: Request, threads: number): Promise<Choice> {
  const { executor, precision } = request;
  if (executor === 'tfjs' && !isGpu(request.device)) return openTfjs(whyTfjs());
  const device = request.device === 'auto' ? bestDevice() : request.device;
  const native = nativeAvailability(device);
  if (executor !== 'tfjs' && native.available)
    return { executor: await openNativeExecutor({ device, threads, precision }), warning: null };
  const whyNot = native.available ? whyTfjs() : native.reason;
  if (device !== 'cpu') return { executor: await openTfjsOnGpu(request, whyNot), warning: null };
  if (executor === 'native') throw new TrainingFailure('executor_unavailable', whyNot);
  return openTfjs(whyNot);
}

function whyTfjs(): string {
  const native = nativeAvailability();
  const remedy = native.available ? 'unset it to train with the native executor' : `unset it, and ${native.reason}`;
  return `the worker is configured with TRAINYARD_EXECUTOR=tfjs; ${remedy}`;
}

const isGpu = (device: string): boolean => device.startsWith('cuda');

const bestDevice = (): string => (nativeAvailability('cuda').available ? 'cuda' : 'cpu');

async function openTfjsOnGpu({ executor, device }: Request, whyNotNative: string): Promise<Executor> {
  if (executor !== 'native' && isGpu(device) && (await tfjsBackends()).includes('node-gpu'))
    return openTfjsExecutor({ backend: 'node-gpu' });
  throw new TrainingFailure(
    'device_unavailable',
    `the job requests ${device}, on which this worker cannot compute: ${whyNotNative}; send "device": "auto", ` +
      'or start a worker on a machine with an NVIDIA GPU (docs/gpu.md says how)',
  );
}

/** With TensorFlow's own kernels where tfjs-node is installed, else in plain JavaScript. */
async function openTfjs(whyNot: string): Promise<Choice> {
  if ((await tfjsBackends()).includes('node'))
    return { executor: await openTfjsExecutor({ backend: 'node' }), warning: null };
  const message = `training runs in plain JavaScript, thousands of times slower than the native executor: ${whyNot}`;
  return { executor: await openTfjsExecutor({ backend: 'cpu' }), warning: { code: 'slow_executor', message } };
}
