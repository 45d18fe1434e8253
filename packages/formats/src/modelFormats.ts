import type { CheckpointFormat, CheckpointManifest } from '@trainyard/contracts';
import { encodeSafetensors } from './safetensors.js';
import { decodeWeights } from './tfjs/modelJson.js';
import { zip } from './tfjs/zip.js';

/** The files of a checkpoint that have the trained model, in the TensorFlow.js layers format. */
export interface TrainedModel {
  manifest: CheckpointManifest;
  /** `model.json` and `weights.bin`. */
  modelJson: Buffer;
  weightsBin: Buffer;
}

/** A format in which a trained model is downloaded, as one file. */
export interface ModelFormat {
  extension: string;
  mediaType: string;
  /** The parts of the file, one after the other; the same for the same model. */
  encode(model: TrainedModel): Promise<Uint8Array[]>;
}

export const modelFormats: Record<CheckpointFormat, ModelFormat> = {
  tfjs: {
    extension: 'zip',
    mediaType: 'application/zip',
    encode: async ({ modelJson, weightsBin }) => [await zip({ 'model.json': modelJson, 'weights.bin': weightsBin })],
  },
  safetensors: {
    extension: 'safetensors',
    mediaType: 'application/octet-stream',
    encode: async ({ manifest, modelJson, weightsBin }) =>
      encodeSafetensors(decodeWeights(modelJson.toString(), weightsBin), safetensorsMetadata(manifest)),
  },
};

/** Metadata of a safetensors file; the format allows only strings. */
const safetensorsMetadata = (manifest: CheckpointManifest): Record<string, string> => ({
  jobId: manifest.jobId,
  epoch: String(manifest.cursor.epoch),
  classes: JSON.stringify(manifest.dataset.classes),
  inputShape: JSON.stringify(manifest.inputShape),
  normalization: JSON.stringify(manifest.normalization),
  layout:
    'kernels [height, width, in/groups, out] and [in, out]; input [batch, height, width, channels]; outputs are logits',
});
