export { type CheckpointContents, readCheckpoint, writeCheckpoint } from './checkpoint.js';
export { CorruptCheckpointError } from './corruptCheckpointError.js';
export { DiskArtifactStore } from './diskArtifactStore.js';
export type { ExportedFile } from './exports.js';
