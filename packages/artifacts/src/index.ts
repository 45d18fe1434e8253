export { type CheckpointContents, readCheckpoint, readWeights, writeCheckpoint } from './checkpoint.js';
export { CorruptCheckpointError } from './corruptCheckpointError.js';
export { DiskArtifactStore } from './diskArtifactStore.js';
export type { ExportedFile } from './exports.js';
