import { createRequire } from 'node:module';
import { Piscina } from 'piscina';
import type { TensorFlowReply, TensorFlowTask } from './messages.js';

const { resolve } = createRequire(import.meta.url);
/** The thread runs compiled code, also where this file is run from its source, as in tests. */
const workerFile = resolve('@trainyard/inference/tensor-flow-worker');

/** Reads one model of the format tfjs, in a thread of its own: `load`, `run` as often as needed, `close`. */
export class TensorFlowReader {
  readonly #pool = new Piscina<TensorFlowTask, TensorFlowReply | null>({
    filename: workerFile,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
  });

  /** @throws Error where TensorFlow.js does not load the zip */
  async load(zip: Uint8Array): Promise<void> {
    await this.#pool.run({ kind: 'load', zip });
  }

  /** @param pixels `[images, height, width, channels]` */
  async run(pixels: Uint8Array, shape: [number, number, number, number]): Promise<TensorFlowReply> {
    const reply = await this.#pool.run({ kind: 'run', pixels, shape });
    if (!reply) throw new Error('TensorFlow.js did not answer');
    return reply;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
