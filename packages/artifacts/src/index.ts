export { type CheckpointContents, readCheckpoint, readManifest, writeCheckpoint } from './checkpoint.js';
export { CorruptCheckpointError } from './errors.js';
export type { ExportedFile } from './exports.js';
export { hashFile } from './files.js';
export { parseSafetensors, readSafetensors, writeSafetensors } from './safetensors.js';
export { DiskArtifactStore } from './store.js';
export type { NamedTensor, TensorData, TensorType } from './tensor.js';
