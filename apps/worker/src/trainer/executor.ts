import { type JobSpec, type StartCommand, TrainingFailure } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { openTfjsExecutor, tfjsBackends } from '@trainyard/executor-tfjs';
import type { Executor } from '@trainyard/program';

/** What computes the job, and what its owner should know about it. */
export interface Choice {
  executor: Executor;
  warning: { code: string; message: string } | null;
}

type Request = Pick<StartCommand, 'executor' | 'device'> & Pick<JobSpec, 'precision'>;

/**
 * Opens the executor that the worker was told to use, or the fastest that works on this machine.
 * @throws TrainingFailure when the wanted device or executor is not here, saying what would bring it.
 */
export async function chooseExecutor(request: Request, threads: number): Promise<Choice> {
  const { executor, precision } = request;
  if (executor === 'tfjs' && !isGpu(request.device)) return openTfjs(toldTfjs());
  const device = request.device === 'auto' ? bestDevice() : request.device;
  const native = nativeAvailability(device);
  if (executor !== 'tfjs' && native.available)
    return { executor: await openNativeExecutor({ device, threads, precision }), warning: null };
  const whyNot = native.available ? toldTfjs() : native.reason;
  if (device !== 'cpu') return { executor: await openTfjsOnGpu(request, whyNot), warning: null };
  if (executor === 'native') throw new TrainingFailure('executor_unavailable', whyNot);
  return openTfjs(whyNot);
}

function toldTfjs(): string {
  const native = nativeAvailability();
  const remedy = native.available ? 'unset it to train with the native executor' : `unset it, and ${native.reason}`;
  return `the worker is told TRAINYARD_EXECUTOR=tfjs; ${remedy}`;
}

const isGpu = (device: string): boolean => device.startsWith('cuda');

const bestDevice = (): string => (nativeAvailability('cuda').available ? 'cuda' : 'cpu');

async function openTfjsOnGpu({ executor, device }: Request, whyNotNative: string): Promise<Executor> {
  if (executor !== 'native' && isGpu(device) && (await tfjsBackends()).includes('node-gpu'))
    return openTfjsExecutor({ backend: 'node-gpu' });
  throw new TrainingFailure(
    'device_unavailable',
    `the job wants ${device} and this worker has none that it can compute on: ${whyNotNative}; send "device": "auto", ` +
      'or start a worker on a machine with an NVIDIA GPU (docs/gpu.md says how)',
  );
}

/** TensorFlow's own kernels where tfjs-node is installed, else plain JavaScript. */
async function openTfjs(whyNotNative: string): Promise<Choice> {
  if ((await tfjsBackends()).includes('node'))
    return { executor: await openTfjsExecutor({ backend: 'node' }), warning: null };
  const message = `training runs in plain JavaScript, thousands of times slower than the native executor: ${whyNotNative}`;
  return { executor: await openTfjsExecutor({ backend: 'cpu' }), warning: { code: 'slow_executor', message } };
}
