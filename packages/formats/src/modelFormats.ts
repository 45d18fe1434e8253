import { type Model, resolveModel } from '@trainyard/architectures';
import type { CheckpointManifest, ExportChoice, InputType } from '@trainyard/contracts';
import { encodeOnnx } from './onnx/onnxModel.js';
import { encodeSafetensors } from './safetensors.js';
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
}

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
  encode: async ({ modelJson, weightsBin }) => [await zip({ 'model.json': modelJson, 'weights.bin': weightsBin })],
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
    return [await zip({ [weightsName]: Buffer.concat(encodeTorchWeights(trained)), 'modeling.py': modeling })];
  },
};

const onnx = (input: InputType, extension: string): ModelFormat => ({
  extension,
  mediaType: binary,
  encode: async (trained) => encodeOnnx(modelOf(trained.manifest), weightsOf(trained), trained.manifest, input),
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
  }
}

const weightsOf = ({ modelJson, weightsBin }: TrainedModel) => decodeWeights(modelJson.toString(), weightsBin);

function modelOf({ spec, inputShape, dataset }: CheckpointManifest): Model {
  const { model } = resolveModel(spec.architecture, inputShape, dataset.classes.length);
  if (!model) throw new Error('the architecture of the checkpoint does not fit its images');
  return model;
}

const encodeTorchWeights = (trained: TrainedModel) =>
  encodeSafetensors(
    stateDict(modelOf(trained.manifest), weightsOf(trained)),
    // Programs that load safetensors for PyTorch look for this format.
    { format: 'pt', ...safetensorsMetadata(trained.manifest, layouts.torch) },
  );

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
