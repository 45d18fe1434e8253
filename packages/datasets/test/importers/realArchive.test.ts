import { expect, test } from 'vitest';
import { cifar10Classes, DatasetStore, openPacked } from '../../src/index.js';
import { temporaryFolder } from '../makeArchives.js';

const archive = process.env.TRAINYARD_CIFAR10;
if (!archive) console.warn('SKIPPED: the import of the real CIFAR-10. Set TRAINYARD_CIFAR10 to an archive of it.');

test.skipIf(!archive)(
  'the real CIFAR-10 imports: 60,000 images, evenly of ten classes',
  { timeout: 300_000 },
  async () => {
    const store = new DatasetStore(await temporaryFolder());
    const dataset = await store.import({ kind: 'archive', path: archive as string, options: { name: 'cifar10' } });
    expect(dataset).toMatchObject({
      name: 'cifar10',
      trainImages: 50_000,
      testImages: 10_000,
      imageShape: [32, 32, 3],
    });
    expect(dataset.classes).toEqual(cifar10Classes);
    // The published means and deviations of CIFAR-10; JPEG copies of it differ in the fourth digit.
    for (const [channel, mean] of [0.4914, 0.4822, 0.4465].entries())
      expect(dataset.mean[channel]).toBeCloseTo(mean, 2);
    for (const [channel, std] of [0.247, 0.2435, 0.2616].entries()) expect(dataset.std[channel]).toBeCloseTo(std, 2);

    const packed = await openPacked(store.file(dataset));
    for (const [split, each] of [['train', 5000] as const, ['test', 1000] as const]) {
      const counts = new Array(10).fill(0);
      for (const label of await packed.readLabels(split)) counts[label]++;
      expect(counts).toEqual(new Array(10).fill(each));
    }
  },
);
