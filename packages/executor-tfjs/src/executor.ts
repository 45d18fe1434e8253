import * as tf from '@tensorflow/tfjs-core';
import type { ExecutorInfo } from '@trainyard/contracts';
import type { Executor, Session } from '@trainyard/program';
import { loadBackend, type TfjsBackend, tfjsBackends } from './backends.js';
import { TfjsSession } from './session.js';

/**
 * Opens an executor that runs programs on TensorFlow.js: on `backend`, or on the best backend that is installed. Throws
 * ExecutorError where `backend` is not available.
 */
export async function openTfjsExecutor(options: { backend?: TfjsBackend } = {}): Promise<Executor> {
  const [best = 'cpu'] = await tfjsBackends();
  const backend = options.backend ?? best;
  const name = await loadBackend(backend);
  const info: ExecutorInfo = {
    name: 'tfjs',
    device: backend === 'node-gpu' ? 'cuda:0' : 'cpu',
    threads: backend === 'cpu' ? 1 : null,
    version: `TensorFlow.js ${tf.version_core} (${backend})`,
  };
  return { info, openSession: async (): Promise<Session> => new TfjsSession(name) };
}
