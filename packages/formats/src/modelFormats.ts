import { type Model, resolveModel } from '@trainyard/architectures';
import { type CheckpointManifest, ConflictError, type ExportChoice, type InputType } from '@trainyard/contracts';
import { encodeOnnx } from './onnx/onnxModel.js';
import { encodeSafetensors } from './safetensors.js';
import type { NamedTensor } from './tensor.js';
import { decodeWeights } from './tfjs/modelJson.js';
import { modelingCode, weightsName } from './torch/modeling.js';
import { stateDict } from './torch/stateDict.js';
import { zip } from './zip.js';

/** The files of a checkpoint that have the trained model, in the TensorFlow.js layers format. */
export interface TrainedModel {
  manifest: CheckpointManifest;
  /** `model.json` and `weights.bin`. */
  modelJson: Buffer;
  weightsBin: Buffer;
  /** Text of its card, which zips have as `README.md`; without it, they have none. */
  card?: string | undefined;
}

/**
 * Of the writers of all formats. It MUST be raised with each change of what they write: exports of another version are
 * written again, and a test holds the digests of this one.
 */
export const exportVersion = 1;

/** A format in which a trained model is downloaded, as one file. */
export interface ModelFormat {
  /** Different for all formats. */
  extension: string;
  mediaType: string;
  /** The parts of the file, one after the other; the same for the same model. */
  encode(model: TrainedModel): Promise<Uint8Array[]>;
}

const binary = 'application/octet-stream';

const tfjs: ModelFormat = {
  extension: 'zip',
  mediaType: 'application/zip',
  encode: async ({ modelJson, weightsBin, card }) => [
    await zip({ 'model.json': modelJson, 'weights.bin': weightsBin, ...readme(card) }),
  ],
};

const safetensors: ModelFormat = {
  extension: 'safetensors',
  mediaType: binary,
  encode: async (trained) =>
    encodeSafetensors(weightsOf(trained), safetensorsMetadata(trained.manifest, layouts.tensorflow)),
};

const torchWeights: ModelFormat = {
  extension: 'torch.safetensors',
  mediaType: binary,
  encode: async (trained) => encodeTorchWeights(trained),
};

const torch: ModelFormat = {
  extension: 'torch.zip',
  mediaType: 'application/zip',
  encode: async (trained) => {
    const { manifest } = trained;
    const modeling = Buffer.from(modelingCode(modelOf(manifest), manifest));
    const weights = Buffer.concat(encodeTorchWeights(trained));
    return [await zip({ [weightsName]: weights, 'modeling.py': modeling, ...readme(trained.card) })];
  },
};

/** Not text/markdown: an answer of text is compressed on its way, and would lose its digest and its ranges. */
const card: ModelFormat = {
  extension: 'md',
  mediaType: binary,
  encode: async (trained) => [Buffer.from(trained.card ?? '')],
};

const readme = (text: string | undefined): Record<string, Buffer> =>
  text === undefined ? {} : { 'README.md': Buffer.from(text) };

const onnx = (input: InputType, extension: string): ModelFormat => ({
  extension,
  mediaType: binary,
  encode: async (trained) => {
    const model = modelOf(trained.manifest);
    return encodeOnnx(model, weightsFor(model, trained), trained.manifest, input);
  },
});
const onnxModels = { float32: onnx('float32', 'onnx'), uint8: onnx('uint8', 'uint8.onnx') };

export function modelFormat({ format, input, layout }: ExportChoice): ModelFormat {
  switch (format) {
    case 'tfjs':
      return tfjs;
    case 'safetensors':
      return layout === 'torch' ? torchWeights : safetensors;
    case 'onnx':
      return onnxModels[input ?? 'float32'];
    case 'torch':
      return torch;
    case 'card':
      return card;
  }
}

const weightsOf = ({ modelJson, weightsBin }: TrainedModel) => decodeWeights(modelJson.toString(), weightsBin);

/** The network of a checkpoint, by its own list of layers: the preset may have others by now. */
function modelOf({ spec, layers, inputShape, dataset }: CheckpointManifest): Model {
  const { model } = resolveModel(layers ? { layers } : spec.architecture, inputShape, dataset.classes.length);
  if (!model) throw changedPreset(spec);
  return { ...model, name: typeof spec.architecture === 'string' ? spec.architecture : model.name };
}

/** The weights in the order of the model. @throws ConflictError where they are those of another network */
function weightsFor(model: Model, trained: TrainedModel): NamedTensor[] {
  const weights = weightsOf(trained);
  const shapes = new Map(weights.map(({ name, shape }) => [name, String(shape)]));
  const isSame = model.weights.every(({ name, shape }) => shapes.get(name) === String(shape));
  if (!isSame || weights.length !== model.weights.length) throw changedPreset(trained.manifest.spec);
  return weights;
}

/** Only checkpoints of early versions have no list of their layers. */
const changedPreset = ({ architecture }: CheckpointManifest['spec']): ConflictError =>
  new ConflictError(
    `the preset ${JSON.stringify(architecture)} has other layers in this version than those that the checkpoint was ` +
      'trained with, which it does not list; the formats tfjs and safetensors can still be downloaded',
  );

function encodeTorchWeights(trained: TrainedModel): Uint8Array[] {
  const model = modelOf(trained.manifest);
  // Programs that load safetensors for PyTorch look for this format.
  const metadata = { format: 'pt', ...safetensorsMetadata(trained.manifest, layouts.torch) };
  return encodeSafetensors(stateDict(model, weightsFor(model, trained)), metadata);
}

const layouts = {
  tensorflow:
    'kernels [height, width, in/groups, out] and [in, out]; input [batch, height, width, channels]; outputs are logits',
  torch:
    'kernels [out, in/groups, height, width] and [out, in]; input [batch, channels, height, width]; outputs are logits',
};

/** Metadata of a safetensors file; the format allows only strings. */
const safetensorsMetadata = (manifest: CheckpointManifest, layout: string): Record<string, string> => ({
  jobId: manifest.jobId,
  epoch: String(manifest.cursor.epoch),
  classes: JSON.stringify(manifest.dataset.classes),
  inputShape: JSON.stringify(manifest.inputShape),
  normalization: JSON.stringify(manifest.normalization),
  layout,
});
