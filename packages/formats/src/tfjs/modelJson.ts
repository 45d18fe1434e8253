import { elementCount, type Model } from '@trainyard/architectures';
import { jsonText } from '@trainyard/contracts';
import { z } from 'zod';
import { normalizedInput, type Provenance } from '../provenance.js';
import { assertConsistent, type NamedTensor, tensorFrom } from '../tensor.js';
import { restoreKernel, type StoredTensor, storeKernels } from './groupedKernels.js';
import { kerasTopology } from './topology.js';

/** The TensorFlow.js layers format: `model.json` (topology and layout of the weights) beside `weights.bin`. */

/** `groups` is ours: TensorFlow.js reads over it. */
const storedSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  groups: z.int().min(1).optional(),
});

/** The part of `model.json` that is needed to read `weights.bin`. */
const modelJsonSchema = jsonText(
  z.object({
    weightsManifest: z.array(z.object({ weights: z.array(storedSchema) })),
  }),
);

/**
 * The tensors of weights.bin, in the order of `model.weights`.
 * @throws Error when one of `weights` is missing, superfluous, of another shape, or has more or fewer values than it.
 */
export function storeWeights(model: Model, weights: readonly NamedTensor[]): StoredTensor[] {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  if (byName.size !== model.weights.length)
    throw new Error(`the model has ${model.weights.length} weights, but got ${byName.size}`);
  const ordered = model.weights.map(({ name, shape }) => {
    const weight = byName.get(name);
    if (weight?.dtype !== 'F32' || weight.shape.join() !== shape.join())
      throw new Error(`weight ${name} is missing or not F32 of shape [${shape}]`);
    assertConsistent(weight);
    return weight;
  });
  return storeKernels(model, ordered);
}

/** The text of a `model.json` whose `weights.bin` has the values of `weights` one after the other. */
export function encodeModelJson(model: Model, weights: readonly StoredTensor[], from: Provenance): string {
  const specs = weights.map(({ name, shape, groups }) => ({ name, shape, dtype: 'float32', groups }));
  const json = {
    format: 'layers-model',
    generatedBy: `Trainyard ${from.codeVersion}`,
    convertedBy: null,
    modelTopology: kerasTopology(model),
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    userDefinedMetadata: {
      jobId: from.jobId,
      attempt: from.attempt,
      epoch: from.cursor.epoch,
      dataset: { name: from.dataset.name, version: from.dataset.version },
      classes: from.dataset.classes,
      inputShape: from.inputShape,
      normalization: from.normalization,
      input: normalizedInput,
      output: 'probabilities in the order of classes; the last layer is a softmax',
    },
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** The weights of a model. @throws Error when `json` is not a `model.json`, or `binary` does not have its length. */
export function decodeWeights(json: string, binary: Uint8Array): NamedTensor[] {
  const { weightsManifest } = modelJsonSchema.parse(json);
  let offset = 0;
  const weights = weightsManifest
    .flatMap((group) => group.weights)
    .map(({ name, shape, groups }) => {
      const end = offset + elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
      if (end > binary.length) throw new Error('weights.bin is cut short');
      const tensor = tensorFrom(name, shape, 'F32', binary.subarray(offset, end));
      offset = end;
      return restoreKernel(tensor, groups);
    });
  if (offset !== binary.length) throw new Error('weights.bin is longer than model.json says');
  return weights;
}
