import type { Model } from '@trainyard/architectures';
import { CorruptCheckpointError, readUploadedWeights, readWeights } from '@trainyard/artifacts';
import { type StoredWeights, TrainingFailure } from '@trainyard/contracts';
import { openWeightsFile } from '@trainyard/formats';
import { type Program, slotNames } from '@trainyard/program';
import type { TrainingPlan } from '../plan/trainingPlan.js';
import type { Weights } from './slots.js';

/**
 * The first values of every weight and running statistic that starts from a checkpoint, by slot name; averages and slow
 * copies begin with the values of their weight.
 * @throws TrainingFailure where the files are not those that the job was submitted with
 */
export async function startingValues(
  stored: StoredWeights,
  program: Program,
  { model }: TrainingPlan,
): Promise<Map<string, Float32Array>> {
  const weights = stored.upload === null ? await readStored(stored) : await readUpload(stored, model);
  const slots = new Set(program.slots.map(({ name }) => name));
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of model.weights) {
    if (stored.fromSeed.includes(name)) continue;
    const tensor = weights.find((weight) => weight.name === name);
    if (!(tensor?.data instanceof Float32Array) || String(tensor.shape) !== String(shape))
      throw unusable(stored, `have no ${name} of shape [${shape.join(', ')}]`);
    for (const slot of [name, slotNames.ema(name), slotNames.slow(name)])
      if (slots.has(slot)) values.set(slot, tensor.data);
  }
  return values;
}

async function readStored(stored: StoredWeights): Promise<Weights> {
  const { manifest, weights } = await readWeights(stored.folder).catch((cause: unknown) => {
    throw damaged(stored, cause);
  });
  const file = manifest.files.find(({ name }) => name === 'weights.bin');
  if (file?.sha256 === stored.weightsSha256) return weights;
  throw unusable(stored, 'have another digest than when the job was submitted');
}

async function readUpload(stored: StoredWeights, model: Model): Promise<Weights> {
  const bytes = await readUploadedWeights(stored.folder, stored.weightsSha256).catch((cause: unknown) => {
    throw damaged(stored, cause);
  });
  const names = model.weights.map(({ name }) => name).filter((name) => !stored.fromSeed.includes(name));
  return openWeightsFile(bytes, model).read(names);
}

const damaged = (stored: StoredWeights, cause: unknown): unknown =>
  cause instanceof CorruptCheckpointError ? unusable(stored, 'are missing or damaged', cause) : cause;

function unusable({ jobId, epoch, file }: StoredWeights, why: string, cause?: unknown): TrainingFailure {
  const of = jobId === null ? `of ${file}` : `of epoch ${epoch} of ${jobId}`;
  const remedy = jobId === null ? 'after a new upload' : 'from a checkpoint that GET /v1/jobs/{id}/checkpoints lists';
  const message = `the job's copy of the weights ${of} ${why}; submit the job again, ${remedy}`;
  return new TrainingFailure('initial_weights_unusable', message, { cause });
}
