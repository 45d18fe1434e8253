import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cifar10Classes, DatasetStore, importAny, openPacked } from '../../src/index.js';
import {
  cifarBinaryFiles,
  cifarPythonFiles,
  cifarRecords,
  makeFolder,
  makeTarGz,
  temporaryFolder,
} from '../makeArchives.js';

const records = cifarRecords(4);

test('both original formats give the same dataset, recognised by content and not by name', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const python = await importAny(store, await makeTarGz(join(folder, 'one.bin'), cifarPythonFiles(records)));
  expect(python).toMatchObject({ name: 'one.bin', version: 1, trainImages: 20, testImages: 4, source: 'one.bin' });
  expect(python.classes).toEqual(cifar10Classes);

  const binary = await importAny(store, await makeTarGz(join(folder, 'two.tgz'), cifarBinaryFiles(records)));
  expect(binary.digest).toBe(python.digest);
});

test('planes become interleaved pixels, batches follow each other whatever their order in the archive', async () => {
  const folder = await temporaryFolder();
  const files = cifarPythonFiles(records);
  const reversed = Object.fromEntries(Object.entries(files).reverse());
  const store = new DatasetStore(join(folder, 'root'));
  const dataset = await store.import({
    kind: 'archive',
    path: await makeTarGz(join(folder, 'a.tar.gz'), reversed),
    options: { name: 'tiny' },
  });
  const packed = await openPacked(store.file(dataset));

  expect([...(await packed.readLabels('train'))]).toEqual(
    [1, 2, 3, 4, 5].flatMap((b) => records[`data_batch_${b}`]?.map(({ label }) => label)),
  );
  const pixels = await packed.readImages('train', [6]);
  const planes = records.data_batch_2?.[2]?.planes as Buffer;
  expect([...pixels.subarray(0, 6)]).toEqual([0, 1024, 2048, 1, 1025, 2049].map((i) => planes[i]));
});

test('an unpacked archive can be imported as a folder', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const dataset = await importAny(store, await makeFolder(join(folder, 'data'), cifarBinaryFiles(records)));
  // Not `cifar10`: a set with the same layout and other images must not become the default of every job.
  expect(dataset).toMatchObject({ name: 'data', trainImages: 20, testImages: 4 });
});

test('an archive that lacks a batch is refused with the batch’s name', async () => {
  const folder = await temporaryFolder();
  const { 'cifar-10-batches-py/data_batch_3': _, ...files } = cifarPythonFiles(records);
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'a.tar.gz'), files);
  await expect(importAny(store, file)).rejects.toThrow(/a\.tar\.gz lacks data_batch_3/);
});
