import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPacked, PackedWriter, writePacked } from '../src/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packed-'));
});
afterAll(() => rm(folder, { recursive: true }));

const images = (count: number, seed: number) =>
  Uint8Array.from({ length: count * 24 }, (_, i) => (i * 37 + seed) % 256);
const set = {
  name: 'tiny',
  version: 1,
  classes: ['cat', 'dög'],
  imageShape: [4, 2, 3] as [number, number, number],
  source: 'test',
  train: { images: images(5, 1), labels: Int32Array.of(0, 1, 1, 0, 1) },
  test: { images: images(2, 2), labels: Int32Array.of(1, 0) },
};

test('a packed set reads back as it was written, in sections aligned to 4096 bytes', async () => {
  const file = join(folder, 'a.packed');
  const written = await writePacked(file, set);
  const packed = await openPacked(file);
  expect(packed.dataset).toEqual(written);
  expect(written).toMatchObject({ name: 'tiny', version: 1, trainImages: 5, testImages: 2, classes: ['cat', 'dög'] });
  expect([...(await packed.readLabels('train'))]).toEqual([0, 1, 1, 0, 1]);
  expect(await packed.readImages('test', [1, 0])).toEqual(
    Uint8Array.of(...set.test.images.subarray(24), ...set.test.images.subarray(0, 24)),
  );
  await expect(packed.readImages('test', [2])).rejects.toThrow(RangeError);
  const raw = await readFile(file);
  for (const { offset } of [packed.train.images, packed.train.labels, packed.test.images, packed.test.labels]) {
    expect(offset % 4096).toBe(0);
  }
  expect(raw.subarray(packed.train.images.offset).subarray(0, 120)).toEqual(Buffer.from(set.train.images));
  expect(raw.readInt32LE(packed.train.labels.offset + 4)).toBe(1);
  expect(await readdir(folder)).toEqual(['a.packed']);
});

test('mean and std are those of the training pixels, per channel', async () => {
  const { mean, std } = await writePacked(join(folder, 'b.packed'), set);
  const red = [...set.train.images].filter((_, i) => i % 3 === 0).map((v) => v / 255);
  const average = red.reduce((a, b) => a + b) / red.length;
  expect(mean[0]).toBeCloseTo(average, 12);
  expect(std[0]).toBeCloseTo(Math.sqrt(red.reduce((a, v) => a + (v - average) ** 2, 0) / red.length), 12);
  expect(mean).toHaveLength(3);
});

test('the digest depends on the content alone', async () => {
  const { digest } = await writePacked(join(folder, 'c.packed'), set);
  const renamed = await writePacked(join(folder, 'd.packed'), {
    ...set,
    name: 'other',
    version: 7,
    source: 'elsewhere',
  });
  const relabelled = await writePacked(join(folder, 'e.packed'), {
    ...set,
    test: { ...set.test, labels: Int32Array.of(1, 1) },
  });
  expect(renamed.digest).toBe(digest);
  expect(relabelled.digest).not.toBe(digest);

  const writer = await PackedWriter.create(join(folder, 'f.packed'), { ...set, trainImages: 5, testImages: 2 });
  await writer.write('test', 0, set.test.images, set.test.labels);
  for (const i of [4, 2, 0, 1, 3]) {
    await writer.write('train', i, set.train.images.subarray(i * 24, i * 24 + 24), [Number(set.train.labels[i])]);
  }
  expect((await writer.finish()).digest).toBe(digest);
});

test('a set with missing images or a wrong label is not published', async () => {
  const writer = await PackedWriter.create(join(folder, 'g.packed'), { ...set, trainImages: 5, testImages: 2 });
  await writer.write('train', 0, set.train.images, set.train.labels);
  await expect(writer.finish()).rejects.toThrow('2 of 2 test images were not written');
  const wrong = { ...set, test: { ...set.test, labels: Int32Array.of(0, 2) } };
  await expect(writePacked(join(folder, 'g.packed'), wrong)).rejects.toThrow('Label 2');
  expect((await readdir(folder)).filter((name) => name.startsWith('g'))).toEqual([]);
});

test('a truncated file and a file of another format are refused by name', async () => {
  const file = join(folder, 'h.packed');
  const { bytes } = await writePacked(file, set);
  await truncate(file, bytes - 1);
  await expect(openPacked(file)).rejects.toThrow(/h\.packed .* instead of/);
  await writeFile(file, 'something else entirely');
  await expect(openPacked(file)).rejects.toThrow('not a usable packed dataset');
});

test('images that are left out give the file that would have been written without them', async () => {
  const pick = (indices: number[]) =>
    Uint8Array.from(indices.flatMap((i) => [...images(5, 1).subarray(i * 24, i * 24 + 24)]));
  const options = { ...set, trainImages: 3, validationImages: 2, testImages: 2 };
  const writer = await PackedWriter.create(join(folder, 'h.packed'), options);
  writer.leaveOut('train', 1);
  await writer.write('train', 0, pick([0]), [0]);
  await writer.write('train', 2, pick([2, 3]), [1, 0]);
  writer.leaveOut('train', 4);
  await writer.write('test', 1, set.test.images.subarray(24), [0]);
  writer.leaveOut('test', 0);
  const dataset = await writer.finish({ skipped: [{ name: 'x.png', reason: 'is empty' }], skippedCount: 3 });
  expect(dataset).toMatchObject({ trainImages: 2, validationImages: 1, testImages: 1 });
  const direct = await writePacked(join(folder, 'i.packed'), {
    ...set,
    validationImages: 1,
    train: { images: pick([0, 2, 3]), labels: Int32Array.of(0, 1, 0) },
    test: { images: set.test.images.subarray(24), labels: Int32Array.of(0) },
  });
  expect(dataset.digest).toBe(direct.digest);
  expect(dataset.mean).toEqual(direct.mean);
  const packed = await openPacked(join(folder, 'h.packed'));
  expect([...(await packed.readLabels('train'))]).toEqual([0, 1, 0]);
  expect(await packed.readImages('train', [0, 1, 2])).toEqual(pick([0, 2, 3]));
  expect(await packed.readDetail()).toMatchObject({
    counts: { train: [1, 1], validation: [1, 0], test: [1, 0] },
    skipped: [{ name: 'x.png', reason: 'is empty' }],
    skippedCount: 3,
  });
});

test('mean and std leave the validation split out', async () => {
  const dataset = await writePacked(join(folder, 'j.packed'), {
    ...set,
    validationImages: 1,
    train: {
      images: Uint8Array.from([...new Uint8Array(24), ...new Uint8Array(24).fill(255)]),
      labels: Int32Array.of(0, 1),
    },
  });
  expect(dataset).toMatchObject({ trainImages: 1, validationImages: 1, mean: [0, 0, 0], std: [0, 0, 0] });
});

test('more notes than there is space for are cut, warnings last', async () => {
  const writer = await PackedWriter.create(join(folder, 'k.packed'), { ...set, trainImages: 5, testImages: 2 });
  await writer.write('train', 0, set.train.images, set.train.labels);
  await writer.write('test', 0, set.test.images, set.test.labels);
  const { notes, warnings } = await writer.finish({ notes: Array(2000).fill('x'.repeat(100)), warnings: ['careful'] });
  expect(warnings).toEqual(['careful']);
  expect(notes.length).toBeGreaterThan(100);
  expect((await openPacked(join(folder, 'k.packed'))).dataset.notes).toEqual(notes);
});
