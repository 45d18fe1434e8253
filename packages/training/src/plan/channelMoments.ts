import type { ChannelMoments, Dataset, JobSpec } from '@trainyard/contracts';

/**
 * The moments that a spec normalizes with. `half`: 0.5 and 0.5; `dataset`: those of the training split, where a channel
 * without variance is not scaled.
 */
export function channelMoments(normalization: JobSpec['normalization'], dataset: Dataset): ChannelMoments {
  if (normalization === 'half') return { mean: dataset.mean.map(() => 0.5), std: dataset.mean.map(() => 0.5) };
  if (normalization === 'dataset') return { mean: dataset.mean, std: dataset.std.map((std) => std || 1) };
  return normalization;
}
