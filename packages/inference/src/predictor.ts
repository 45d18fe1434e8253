import { createRequire } from 'node:module';
import { TrainyardError } from '@trainyard/contracts';
import { Piscina } from 'piscina';
import type { Reply, Task, WorkerData } from './messages.js';
import type { Images, ModelSource, Prediction, PredictorOptions } from './model.js';

/** The thread runs compiled code, also where this file is run from its source, as in tests. */
const workerFile = createRequire(import.meta.url).resolve('@trainyard/inference/worker');

/** Images of one run. More of one call are computed in several runs, between which those of other calls are. */
const imagesOfRun = 16;

/** A model may be released, for the memory of another, between its load and its run; a busy service retries. */
const mostLoads = 3;

/**
 * Class probabilities of images by ONNX Runtime, in a thread of its own, so that the event loop is free meanwhile. The
 * thread starts with the first call, and again after it ended; models stay warm in it.
 */
export class Predictor {
  private pool: Piscina<Task, Reply> | null = null;
  /** Of models that are being loaded, by key: calls for the same model wait for one load. */
  private readonly loads = new Map<string, Promise<void>>();
  private calls = 0;

  constructor(private readonly options: PredictorOptions) {}

  /**
   * Classifies images; with several calls at once, in the order in which they came.
   * @throws TrainyardError `unavailable`: too many calls at once, a machine without ONNX Runtime, a model that fails or
   *   is larger than the memory for all; and whatever `source.load` throws.
   */
  async predict(source: ModelSource, images: Images): Promise<Prediction> {
    const { maxCalls } = this.options;
    if (this.calls >= maxCalls)
      throw unavailable(`${maxCalls} predictions are waiting or running, as many as may; try again in a moment`);
    this.calls++;
    try {
      const parts: Prediction[] = [];
      for (const part of partsOf(images)) parts.push(await this.predictPart(source, part));
      return joined(parts);
    } finally {
      this.calls--;
    }
  }

  /** Ends the thread; calls in progress fail. */
  async close(): Promise<void> {
    await this.pool?.destroy();
    this.pool = null;
  }

  private async predictPart(source: ModelSource, images: Images): Promise<Prediction> {
    for (let loads = 0; ; loads++) {
      const reply = await this.run({ kind: 'run', key: source.key, images });
      if (reply.kind === 'predicted') return reply.prediction;
      if (reply.kind !== 'cold') throw failure(reply);
      if (loads === mostLoads)
        throw unavailable('the model is released for the memory of others again and again; try again in a moment');
      await this.load(source);
    }
  }

  private load(source: ModelSource): Promise<void> {
    const { key } = source;
    const running = this.loads.get(key);
    if (running) return running;
    const load = (async () => {
      const reply = await this.run({ kind: 'load', key, model: await source.load() });
      if (reply.kind !== 'loaded') throw failure(reply);
    })().finally(() => this.loads.delete(key));
    this.loads.set(key, load);
    return load;
  }

  /** A thread that ended took its models with it: a run is then answered with `cold`, and a load is repeated. */
  private async run(task: Task): Promise<Reply> {
    try {
      return await this.thread().run(task);
    } catch (error) {
      if (this.pool === null) throw unavailable('the service stops');
      if (task.kind === 'run') return { kind: 'cold' };
      throw unavailable(`the thread of predictions ended (${(error as Error).message}); try again in a moment`);
    }
  }

  private thread(): Piscina<Task, Reply> {
    const { threads, memoryMegabytes } = this.options;
    const data: WorkerData = { threads, memoryBytes: memoryMegabytes * 1024 ** 2 };
    this.pool ??= new Piscina({
      filename: workerFile,
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      execArgv: [],
      workerData: data,
    });
    return this.pool;
  }
}

const unavailable = (message: string) => new TrainyardError('unavailable', message);

function failure(reply: Reply): Error {
  if (reply.kind === 'no-runtime')
    return unavailable(
      `predictions need ONNX Runtime, which does not run on the machine of this service (${reply.reason}); ` +
        'download the model and run it elsewhere, or run the service on Linux with glibc',
    );
  return unavailable(`the model cannot be run: ${reply.kind === 'failed' ? reply.reason : reply.kind}`);
}

/** The images in runs of a bounded size; copied, as a view would be sent to the thread with all that is around it. */
function* partsOf({ data, shape }: Images): Generator<Images> {
  const [count, height, width, channels] = shape;
  const values = height * width * channels;
  for (let from = 0; from < count; from += imagesOfRun) {
    const to = Math.min(count, from + imagesOfRun);
    yield { data: data.slice(from * values, to * values), shape: [to - from, height, width, channels] };
  }
}

function joined(parts: Prediction[]): Prediction {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const join = (field: 'logits' | 'probabilities') => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + part[field].length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[field], at);
      at += part[field].length;
    }
    return all;
  };
  return { classes: first?.classes ?? 0, logits: join('logits'), probabilities: join('probabilities') };
}
