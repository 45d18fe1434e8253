import type { Dataset, JobSpec } from '@trainyard/contracts';

/** Mean and standard deviation a channel, of pixels in [0, 1]. */
export interface ChannelMoments {
  mean: number[];
  std: number[];
}

/** `half`: 0.5 and 0.5; `dataset`: the training split's own. A channel without any variance is left unscaled. */
export function channelMoments(normalization: JobSpec['normalization'], dataset: Dataset): ChannelMoments {
  if (normalization === 'half') return { mean: dataset.mean.map(() => 0.5), std: dataset.mean.map(() => 0.5) };
  if (normalization === 'dataset') return { mean: dataset.mean, std: dataset.std.map((std) => std || 1) };
  return normalization;
}
