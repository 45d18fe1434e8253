import type { Augmentation } from '@trainyard/contracts';
import type { ImageAugmentation, ImageView } from '../ops/fields.js';
import { streams } from '../random.js';
import { type SlotId, type Split, slotNames } from '../slots.js';
import type { Network, Value } from './network.js';

/** Per channel, for pixels scaled to [0, 1]. */
export interface ChannelNormalization {
  mean: readonly number[];
  std: readonly number[];
}

/** The images that a program reads its batches from, and how it changes them. */
export interface BatchSource {
  /** Images per step. */
  batchSize: number;
  split: Split;
  /** Number of images of the split: the length of its dataset slots. */
  images: number;
  normalization: ChannelNormalization;
  /** null: none. */
  augmentation: Augmentation | null;
  /** The change of every image; null: none. */
  view: ImageView | null;
}

/** null where it would change nothing. */
function imageAugmentation(augmentation: Augmentation | null): ImageAugmentation | null {
  if (augmentation === null) return null;
  const { resizedCrop, colorJitter: jitter, flip, translate, border, cutout } = augmentation;
  if (!resizedCrop && !jitter && !flip && translate === 0 && cutout === 0) return null;
  const crop = cropOf(resizedCrop);
  return { crop, jitter, flip: flip === true ? 'random' : flip || 'none', translate, border, cutout };
}

function cropOf(crop: Augmentation['resizedCrop']): ImageAugmentation['crop'] {
  if (crop === null) return null;
  const [[leastScale, mostScale], [leastRatio, mostRatio]] = [crop.scale, crop.ratio];
  return { leastScale, mostScale, leastRatio, mostRatio };
}

/** Emits the op that gathers a batch of images by the fed indices. */
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

/** Whether images of a batch are blended. */
export const mixes = ({ mixup, cutmix }: Augmentation): boolean => mixup !== null || cutmix !== null;

/** Emits the op that blends each image of a batch with its partner, as the host feeds it. */
export function mixImages({ builder }: Network, { slot: x, shape }: Value, mixing: SlotId): Value {
  const y = builder.transient('batch/mixed', shape);
  builder.emit({ kind: 'mixImages', in: { x, mixing }, out: { y } });
  return { slot: y, shape, needsGradient: false };
}

/** Emits the op that gathers the batch's labels, i32 [batch]. */
export function gatherLabels(network: Network, source: Pick<BatchSource, 'batchSize' | 'split' | 'images'>): SlotId {
  const { builder } = network;
  const labels = builder.persistent(slotNames.labels(source.split), [source.images], 'i32', null);
  const indices = builder.feed(slotNames.indices, [source.batchSize], 'i32');
  const y = builder.transient('batch/labels', [source.batchSize], 'i32');
  builder.emit({ kind: 'gatherLabels', in: { labels, indices }, out: { y } });
  return y;
}
