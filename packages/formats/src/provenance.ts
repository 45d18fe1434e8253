import type { CheckpointManifest } from '@trainyard/contracts';

/** Where a model comes from, for people and for its preprocessing; files of models have it as metadata. */
export type Provenance = Pick<
  CheckpointManifest,
  'jobId' | 'attempt' | 'cursor' | 'dataset' | 'inputShape' | 'normalization' | 'codeVersion'
>;

/** What the input of a model is, in words. */
export const normalizedInput =
  '(pixels / 255 - normalization.mean) / normalization.std, per channel; [batch, height, width, channels]';
