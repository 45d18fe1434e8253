import type { TrainedModel } from '@trainyard/formats';

/** A model as bytes: the files of a checkpoint, of which the thread makes an ONNX model that takes pixels; or ONNX. */
export type ModelFile = { kind: 'checkpoint'; trained: TrainedModel } | { kind: 'onnx'; bytes: Uint8Array };

/** A model that may be warm already: `load` is called only where it is not. */
export interface ModelSource {
  /** Equal keys are equal models: it contains a digest of the weights. */
  key: string;
  /** Whatever it throws is thrown by `predict`. */
  load(): Promise<ModelFile>;
}

/** Images of one size: pixels as uint8, or normalised values as float32, whichever the model takes. */
export interface Images {
  /** `[images, height, width, channels]` */
  data: Uint8Array | Float32Array;
  shape: [images: number, height: number, width: number, channels: number];
}

/** Row-major `[images, classes]`, the classes in the order of the model. */
export interface Prediction {
  classes: number;
  logits: Float32Array;
  /** The softmax of the logits; each row sums to 1. */
  probabilities: Float32Array;
}

export interface PredictorOptions {
  /** Threads that one image is computed with; 1 leaves the other cores to the service and to trainers. */
  threads: number;
  /** Megabytes (2^20) that warm models may take together, by an estimate; the one used last stays longest. */
  memoryMegabytes: number;
  /** Calls of `predict` that may wait or run at once; one more is refused. */
  maxCalls: number;
}
