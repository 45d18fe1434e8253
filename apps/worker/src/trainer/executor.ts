import type { StartCommand } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { openTfjsExecutor, tfjsBackends } from '@trainyard/executor-tfjs';
import type { Executor } from '@trainyard/program';
import { TrainerFailure } from './failure.js';

/** What computes the job, and what its owner should know about it. */
export interface Choice {
  executor: Executor;
  warning: { code: string; message: string } | null;
}

type Request = Pick<StartCommand, 'executor' | 'device'>;

/**
 * Opens the executor that the worker was told to use, or the fastest that works on this machine.
 * @throws TrainerFailure when the wanted device or executor is not here, saying what would bring it.
 */
export async function chooseExecutor(request: Request, threads: number): Promise<Choice> {
  if (request.device.startsWith('cuda')) return { executor: await openCuda(request), warning: null };
  if (request.executor === 'tfjs') return openTfjs(toldTfjs());
  const native = nativeAvailability();
  if (native.available) return { executor: await openNativeExecutor({ threads }), warning: null };
  if (request.executor === 'native') throw new TrainerFailure('executor_unavailable', native.reason);
  return openTfjs(native.reason);
}

function toldTfjs(): string {
  const native = nativeAvailability();
  const remedy = native.available ? 'unset it to train with the native executor' : `unset it, and ${native.reason}`;
  return `the worker is told TRAINYARD_EXECUTOR=tfjs; ${remedy}`;
}

async function openCuda({ executor, device }: Request): Promise<Executor> {
  if (executor !== 'native' && (await tfjsBackends()).includes('node-gpu'))
    return openTfjsExecutor({ backend: 'node-gpu' });
  throw new TrainerFailure(
    'device_unavailable',
    `the job wants ${device} and this worker has none that it can compute on; send "device": "auto", ` +
      'or start a worker on a machine with an NVIDIA GPU and @tensorflow/tfjs-node-gpu installed',
  );
}

/** TensorFlow's own kernels where tfjs-node is installed, else plain JavaScript. */
async function openTfjs(whyNotNative: string): Promise<Choice> {
  if ((await tfjsBackends()).includes('node'))
    return { executor: await openTfjsExecutor({ backend: 'node' }), warning: null };
  const message = `training runs in plain JavaScript, thousands of times slower than the native executor: ${whyNotNative}`;
  return { executor: await openTfjsExecutor({ backend: 'cpu' }), warning: { code: 'slow_executor', message } };
}
