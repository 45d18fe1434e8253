import type { Images, ModelFile, Prediction } from './model.js';

/** What the thread is given. */
export type Task = { kind: 'load'; key: string; model: ModelFile } | { kind: 'run'; key: string; images: Images };

/** What it answers; an error that it did not expect is thrown. */
export type Reply =
  | { kind: 'loaded' }
  | { kind: 'predicted'; prediction: Prediction }
  /** The model of the key was never loaded, or was released since. */
  | { kind: 'cold' }
  /** Why ONNX Runtime cannot be used on this machine. */
  | { kind: 'no-runtime'; reason: string }
  /** Why the model cannot be loaded or run. */
  | { kind: 'failed'; reason: string };

/** Settings of the thread. */
export interface WorkerData {
  threads: number;
  memoryBytes: number;
}
