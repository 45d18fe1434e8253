/** What the thread of TensorFlow.js is given. */
export type TensorFlowTask =
  /** The zip of the format tfjs; replaces the model before it. */
  | { kind: 'load'; zip: Uint8Array }
  /** Pixels `[images, height, width, channels]`. */
  | { kind: 'run'; pixels: Uint8Array; shape: [images: number, height: number, width: number, channels: number] };

/** Of a run: row-major `[images, classes]`. */
export interface TensorFlowReply {
  probabilities: Float32Array;
  version: string;
}
