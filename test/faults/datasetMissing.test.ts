import { rm } from 'node:fs/promises';
import path from 'node:path';
import { writePacked } from '@trainyard/datasets';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a worker without the dataset fails the job at once, with advice', async () => {
  const served = await useServed();
  const { id } = await served.client.submit(quickSpec);
  await rm(path.dirname(served.home.datasetFile), { recursive: true });
  const worker = await served.startWorker();
  const job = await waitForEnd(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'dataset_missing' } });
  expect(job.failure?.message).toContain('trainyard dataset import');
  expect(worker.ended).toBe(false);
});

it('a worker that has other content under the name and version of the dataset fails the job', async () => {
  const served = await useServed();
  const { id } = await served.client.submit(quickSpec);
  const { datasetFile } = served.home;
  await rm(datasetFile);
  const images = (count: number) => ({ images: new Uint8Array(count * 3072), labels: new Int32Array(count) });
  await writePacked(datasetFile, {
    name: 'stripes',
    version: 1,
    classes: ['a', 'b'],
    imageShape: [32, 32, 3],
    source: 'test',
    train: images(100),
    test: images(10),
  });
  await served.startWorker();
  const job = await waitForEnd(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, dataset: 'stripes', datasetVersion: 1 });
  expect(job.failure?.code).toBe('dataset_changed');
});
