import { modelFormat } from '@trainyard/formats';
import { workerData } from 'piscina';
import type { Reply, Task, WorkerData } from './messages.js';
import type { Images, ModelFile } from './model.js';
import { Sessions } from './sessions.js';

const { threads, memoryBytes } = workerData as WorkerData;
const sessions = new Sessions(memoryBytes);

/** Loaded by the first task: on a machine for which it has no binary, all else of the service works. */
const withRuntime = () => import('onnxruntime-node');
type Runtime = Awaited<ReturnType<typeof withRuntime>>;

/** What the thread runs, one task at a time: a computation of ONNX Runtime occupies the thread. */
export default async function work(task: Task): Promise<Reply> {
  let runtime: Runtime;
  try {
    runtime = await withRuntime();
  } catch (error) {
    return { kind: 'no-runtime', reason: firstLine(error) };
  }
  try {
    return task.kind === 'load' ? await load(runtime, task.key, task.model) : await run(runtime, task.key, task.images);
  } catch (error) {
    return { kind: 'failed', reason: firstLine(error) };
  }
}

async function load({ InferenceSession }: Runtime, key: string, model: ModelFile): Promise<Reply> {
  if (sessions.get(key)) return { kind: 'loaded' };
  const bytes = await onnxOf(model);
  const tooMuch = await sessions.makeRoom(bytes.length);
  if (tooMuch !== null) {
    const [needed, most] = [tooMuch, memoryBytes].map((count) => Math.ceil(count / 1024 ** 2));
    const reason = `the model takes about ${needed} MiB, and all warm models together may take ${most} MiB`;
    return { kind: 'failed', reason };
  }
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Errors alone: warnings of its own go to the standard error of the service.
    logSeverityLevel: 3,
    // An arena keeps the memory of the largest run for good.
    enableCpuMemArena: false,
    enableMemPattern: false,
    // Threads that wait must not spin: the service and trainers need the cores.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  sessions.add(key, session, bytes.length);
  return { kind: 'loaded' };
}

async function onnxOf(model: ModelFile): Promise<Uint8Array> {
  if (model.kind === 'onnx') return model.bytes;
  const { manifest, modelJson, weightsBin } = model.trained;
  // A Buffer arrives in another thread as a plain array of bytes.
  const trained = { manifest, modelJson: Buffer.from(modelJson), weightsBin: Buffer.from(weightsBin) };
  return Buffer.concat(await modelFormat({ format: 'onnx', input: 'uint8' }).encode(trained));
}

async function run({ Tensor }: Runtime, key: string, { data, shape }: Images): Promise<Reply> {
  const session = sessions.get(key);
  if (!session) return { kind: 'cold' };
  const images = data instanceof Uint8Array ? new Tensor('uint8', data, shape) : new Tensor('float32', data, shape);
  const { logits, probabilities } = await session.run({ images });
  if (!logits || !probabilities) return { kind: 'failed', reason: 'the model has no logits and probabilities' };
  const prediction = {
    classes: logits.dims[1] ?? 0,
    logits: logits.data as Float32Array,
    probabilities: probabilities.data as Float32Array,
  };
  return { kind: 'predicted', prediction };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
