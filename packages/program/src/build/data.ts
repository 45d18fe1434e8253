import type { Augmentation } from '@trainyard/contracts';
import { type ImageAugmentation, type ImageView, type SlotId, type Split, slotNames } from '../program.js';
import { streams } from '../random.js';
import type { Network, Value } from './network.js';

/** Per channel, for pixels scaled to [0, 1]. */
export interface ChannelNormalization {
  mean: readonly number[];
  std: readonly number[];
}

/** Which images a program draws its batches from, and how. */
export interface BatchSource {
  /** Images a step. */
  batchSize: number;
  split: Split;
  /** Number of images of the split: the length of its dataset slots. */
  images: number;
  normalization: ChannelNormalization;
  /** null: none. */
  augmentation: Augmentation | null;
  /** How every image is changed; null: not at all. */
  view: ImageView | null;
}

/** null where nothing would be changed. */
function imageAugmentation(augmentation: Augmentation | null): ImageAugmentation | null {
  if (augmentation === null) return null;
  const { flip, translate, border, cutout } = augmentation;
  if (!flip && translate === 0 && cutout === 0) return null;
  return { flip: flip === true ? 'random' : flip || 'none', translate, border, cutout };
}

/** Emits the gathering of a batch of images by the fed indices. */
export function gatherImages(network: Network, source: BatchSource): Value {
  const { builder, model } = network;
  const { batchSize, split, images, normalization } = source;
  const augmentation = imageAugmentation(source.augmentation);
  const shape = [batchSize, ...model.inputShape];
  const y = builder.transient('batch/images', shape);
  builder.emit({
    kind: 'gatherImages',
    in: {
      images: builder.persistent(slotNames.images(split), [images, ...model.inputShape], 'u8', null),
      indices: builder.feed(slotNames.indices, [batchSize], 'i32'),
      step: augmentation ? network.step() : null,
      epoch: augmentation?.flip === 'alternating' ? builder.feed(slotNames.epoch, [], 'i32') : null,
    },
    out: { y },
    mean: normalization.mean,
    std: normalization.std,
    augmentation,
    view: source.view,
    random: { seed: network.seed, stream: streams.augmentation },
  });
  return { slot: y, shape, needsGradient: false };
}

/** Emits the gathering of the batch's labels, i32 [batch]. */
export function gatherLabels(network: Network, source: Pick<BatchSource, 'batchSize' | 'split' | 'images'>): SlotId {
  const { builder } = network;
  const labels = builder.persistent(slotNames.labels(source.split), [source.images], 'i32', null);
  const indices = builder.feed(slotNames.indices, [source.batchSize], 'i32');
  const y = builder.transient('batch/labels', [source.batchSize], 'i32');
  builder.emit({ kind: 'gatherLabels', in: { labels, indices }, out: { y } });
  return y;
}
