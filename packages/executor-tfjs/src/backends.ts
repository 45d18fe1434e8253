import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { ExecutorError } from '@trainyard/program';

/** cpu: plain JavaScript, the reference; node: TensorFlow on the CPU; node-gpu: TensorFlow on CUDA. */
export type TfjsBackend = 'cpu' | 'node' | 'node-gpu';

/** Optional peers, because their binaries come from a download that many networks block. */
const packages = { node: '@tensorflow/tfjs-node', 'node-gpu': '@tensorflow/tfjs-node-gpu' } as const;

/** The backends that can be opened here, best first; `cpu` always. */
export async function tfjsBackends(): Promise<TfjsBackend[]> {
  const optional = (['node-gpu', 'node'] as const).filter((backend) => hasBinary(packages[backend]));
  return [...optional, 'cpu'];
}

/** Whether a package is installed and its binary was downloaded. */
function hasBinary(packageName: string): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    const library = join(dirname(manifest), 'lib');
    return readdirSync(library).some((folder) => existsSync(join(library, folder, 'tfjs_binding.node')));
  } catch {
    return false;
  }
}

/** Loads a backend. Returns its name in TensorFlow.js; throws ExecutorError where it is not available. */
export async function loadBackend(backend: TfjsBackend): Promise<string> {
  const name = backend === 'cpu' ? 'cpu' : 'tensorflow';
  if (backend !== 'cpu') {
    try {
      const packageName: string = packages[backend];
      await import(packageName);
    } catch (cause) {
      const command = `npm install --no-save ${packages[backend]}`;
      throw new ExecutorError(`the ${backend} backend of TensorFlow.js is not installed; try: ${command}`, { cause });
    }
  }
  // Turns off the advice to install tfjs-node, and checks for debugging.
  tf.enableProdMode();
  if (!(await tf.setBackend(name))) throw new ExecutorError(`TensorFlow.js could not start its ${backend} backend`);
  return name;
}
