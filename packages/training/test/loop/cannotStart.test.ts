import { appendFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { OutOfMemoryError } from '@trainyard/program';
import { expect, it } from 'vitest';
import { epochsOf, packToy, trainToy } from '../toy.js';

const failure = (code: string, message: RegExp) => ({
  type: 'failed',
  results: null,
  failure: { code, message: expect.stringMatching(message) },
});

it('a missing dataset file is named', async () => {
  const toy = await packToy();
  const { messages } = await trainToy({ ...toy, datasetFile: join(toy.folder, 'gone.packed') });
  expect(messages).toEqual([failure('dataset_missing', /toy.*import it again/)]);
});

it('another import of the dataset is refused', async () => {
  const toy = await packToy();
  const { last } = await trainToy({ ...toy, dataset: { ...toy.dataset, digest: '0'.repeat(64) } });
  expect(last).toEqual(failure('dataset_changed', /toy/));
});

it('a split without images is refused', async () => {
  const toy = await packToy();
  const { last } = await trainToy(toy, { dataset: { name: 'toy', limit: 3, validationFraction: 0.1 } });
  expect(last).toEqual(failure('invalid_spec', /no images for: validation/));
});

it('a damaged checkpoint is refused', async () => {
  const toy = await packToy();
  const folder = epochsOf(await trainToy(toy, { epochs: 1 }))[0]?.checkpoint?.folder as string;
  await truncate(join(folder, 'weights.bin'), 10);
  await appendFile(join(folder, 'weights.bin'), 'x');
  const { last } = await trainToy(toy, { epochs: 2 }, { resumeFrom: folder });
  expect(last).toEqual(failure('checkpoint_corrupt', /weights\.bin/));
});

it('an executor out of memory is reported', async () => {
  const executor = await openTfjsExecutor({ backend: 'cpu' });
  const refusing = { info: executor.info, openSession: () => Promise.reject(new OutOfMemoryError(123)) };
  const { last } = await trainToy(await packToy(), {}, { executor: refusing });
  expect(last).toEqual(failure('out_of_memory', /smaller batchSize/));
});
