import type { JobSpec } from '@trainyard/contracts';
import type { ImageView } from '../ops/fields.js';
import type { SlotId } from '../slots.js';
import { type BatchSource, gatherImages } from './data.js';
import { forward } from './layers/forward.js';
import type { Network } from './network.js';

export type TestAugmentation = JobSpec['testAugmentation'];

/** Images under one view, and the share of their logits in the mean. */
interface WeightedView {
  name: string;
  view: ImageView | null;
  share: number;
}

/** An image and its mirror image, both shifted by as many pixels down and to the right. */
const mirrored = (shift: number, share: number): [WeightedView, WeightedView] => {
  const half = (mirror: boolean): WeightedView => ({
    name: `${mirror ? 'mirrored' : 'plain'}${shift === 0 ? '' : shift}`,
    view: mirror || shift !== 0 ? { mirror, down: shift, right: shift } : null,
    share: share / 2,
  });
  return [half(false), half(true)];
};

/** The views of each kind of test augmentation; the shares of a kind add up to 1. */
const views: Record<Exclude<TestAugmentation, 'none'>, readonly [WeightedView, ...WeightedView[]]> = {
  mirror: mirrored(0, 1),
  // Jordan 2024 (arXiv 2404.00498)
  mirrorTranslate: [...mirrored(0, 1 / 2), ...mirrored(-1, 1 / 4), ...mirrored(1, 1 / 4)],
};

/** Emits the logits of a batch, f32 [batch, classes]: under test augmentation the weighted mean over its views. */
export function testLogits(
  network: Network,
  source: Omit<BatchSource, 'augmentation' | 'view'> & { testAugmentation: TestAugmentation },
): SlotId {
  const { builder, model } = network;
  const shape = [source.batchSize, model.classes];
  const logitsOf = (view: ImageView | null): SlotId => {
    const images = gatherImages(network, { ...source, augmentation: null, view });
    return forward(network, model.layers, images).y.slot;
  };
  const weighted = ({ name, view, share }: WeightedView): SlotId =>
    builder.within(name, () => {
      const y = builder.transient('weighted', shape);
      builder.emit({ kind: 'scale', in: { x: logitsOf(view) }, out: { y }, factor: share });
      return y;
    });
  const added = (name: string, a: SlotId, b: SlotId): SlotId =>
    builder.within(name, () => {
      const y = builder.transient('sum', shape);
      builder.emit({ kind: 'add', in: { a, b }, out: { y } });
      return y;
    });

  if (source.testAugmentation === 'none') return logitsOf(null);
  const [first, ...others] = views[source.testAugmentation];
  let sum = weighted(first);
  // Each view is added before the next one is computed, so that only one sum is in memory.
  for (const view of others) sum = added(view.name, sum, weighted(view));
  return sum;
}
