import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutorError } from '@trainyard/program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { available, gathering, numbers, openSession } from './helpers.js';

const images = 'dataset/train/images';
const labels = 'dataset/train/labels';

describe.skipIf(!available.available)('writeFromFile', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-'));
    file = join(folder, 'packed');
    // Bytes 5 ... 7 are images, 8 ... 19 labels; neither begins at a page.
    const bytes = new Uint8Array(20);
    bytes.set([10, 20, 30], 5);
    bytes.set(new Uint8Array(Int32Array.of(7, 8, 9).buffer), 8);
    await writeFile(file, bytes);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('maps a dataset that gathers read', async () => {
    const session = await openSession();
    const loaded = await session.load(gathering);
    await session.writeFromFile(images, file, 5);
    await session.writeFromFile(labels, file, 8);
    await loaded.run(1, { 'feed/indices': Int32Array.of(2, 0) });
    expect(numbers(await session.read('pixels'))).toEqual([30, 10]);
    expect(numbers(await session.read('classes'))).toEqual([9, 7]);
    await session.close();
  });

  it('leaves the file alone when the slot is written afterwards', async () => {
    const session = await openSession();
    await session.load(gathering);
    await session.writeFromFile(images, file, 5);
    await session.write(images, Uint8Array.of(1, 2, 3));
    expect(numbers(await session.read(images))).toEqual([1, 2, 3]);
    await session.writeFromFile(images, file, 5);
    expect(numbers(await session.read(images))).toEqual([10, 20, 30]);
    await session.close();
  });

  it('copies at an offset that does not suit the type', async () => {
    const session = await openSession();
    await session.load(gathering);
    await session.writeFromFile(labels, file, 5);
    expect(await session.read(labels)).toHaveLength(3);
    await session.close();
  });

  it('refuses a file that is missing or too short', async () => {
    const session = await openSession();
    await session.load(gathering);
    await expect(session.writeFromFile(images, join(folder, 'missing'), 0)).rejects.toThrow(ExecutorError);
    await expect(session.writeFromFile(labels, file, 12)).rejects.toThrow(/has 20 bytes/);
    await session.close();
  });

  it('refuses an index outside the set', async () => {
    const session = await openSession();
    const loaded = await session.load(gathering);
    await expect(loaded.run(1, { 'feed/indices': Int32Array.of(0, 3) })).rejects.toThrow(/image index 3/);
    await session.close();
  });
});
