import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DatasetStore, importAny, openPacked } from '../../src/index.js';
import { temporaryFolder } from '../makeArchives.js';

const folder = fileURLToPath(new URL('../data/folders', import.meta.url));

type Read = Record<string, [className: string, colour: number[]][]>;
interface ReadElsewhere {
  imagefolder: Read;
  torchvision: Read;
  classes: string[];
}
const text = await readFile(join(folder, 'expected.json'), 'utf8');
const expected = JSON.parse(text) as Record<'class-folders' | 'metadata' | 'metadata-jsonl', ReadElsewhere>;

/** Class and first pixel of every image, by split. */
async function read(name: string): Promise<{ classes: string[]; splits: Read }> {
  const store = new DatasetStore(join(await temporaryFolder(), 'store'));
  const dataset = await importAny(store, join(folder, name));
  const packed = await openPacked(store.file(dataset));
  const images: Record<'train' | 'test', [string, number[]][]> = { train: [], test: [] };
  for (const split of ['train', 'test'] as const) {
    for (const [i, label] of (await packed.readLabels(split)).entries()) {
      const pixels = await packed.readImages(split, [i]);
      images[split].push([dataset.classes[label] as string, [...pixels.subarray(0, 3)]]);
    }
  }
  const validation = images.train.splice(dataset.trainImages);
  const splits: Read = { train: images.train, validation, test: images.test };
  return { classes: dataset.classes, splits };
}

const sorted = (splits: Read): Read =>
  Object.fromEntries(
    Object.entries(splits)
      .filter(([, images]) => images.length > 0)
      .map(([split, images]) => [split, images.map((image) => JSON.stringify(image)).sort()]),
  ) as unknown as Read;

test.each(['class-folders', 'metadata', 'metadata-jsonl'] as const)(
  '%s has the splits, classes and pixels that Hugging Face datasets reads from it',
  async (name) => {
    const { splits } = await read(name);
    expect(sorted(splits)).toEqual(sorted(expected[name].imagefolder));
  },
);

test('class folders have the classes, in their order, and the pixels that torchvision reads from them', async () => {
  const { splits, classes } = await read('class-folders');
  const { valid, ...others } = expected['class-folders'].torchvision;
  expect(classes).toEqual(expected['class-folders'].classes);
  expect(sorted(splits)).toEqual(sorted({ ...others, validation: valid as Read[string] }));
});
