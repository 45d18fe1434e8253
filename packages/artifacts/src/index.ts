export { openWeightsFile, type WeightsFile } from '@trainyard/formats';
export { type CheckpointContents, readCheckpoint, readWeights, writeCheckpoint } from './checkpoint.js';
export { CorruptCheckpointError } from './corruptCheckpointError.js';
export { DiskArtifactStore } from './diskArtifactStore.js';
export type { ExportedFile } from './exports.js';
export { JobFiles, type StoredFile } from './jobFiles.js';
export { readUploadedWeights } from './uploadedWeights.js';
