import { expect, test } from 'vitest';
import { DatasetStore, openPacked, shapesClasses } from '../src/index.js';
import { temporaryFolder } from './makeArchives.js';

test('the generated set is the same bits on every machine and every time', async () => {
  const store = new DatasetStore(await temporaryFolder());
  const phases: string[] = [];
  const dataset = await store.import({ kind: 'shapes' }, ({ phase }) => phases.push(phase));
  expect(dataset).toMatchObject({ name: 'shapes', version: 1, trainImages: 10_000, testImages: 2_000 });
  expect(dataset.classes).toEqual(shapesClasses);
  expect(dataset.digest).toBe('71cc1e1436e7d0de819db6eb83a6a8ec1a8cbd93d2cbefc9e8f47ecc1cae88f2');
  expect(phases).toContain('generating');

  const packed = await openPacked(store.file(dataset));
  const counts = new Array(10).fill(0);
  for (const label of await packed.readLabels('test')) counts[label]++;
  expect(counts).toEqual(new Array(10).fill(200));

  phases.length = 0;
  expect(await store.import({ kind: 'shapes' }, ({ phase }) => phases.push(phase))).toEqual(dataset);
  expect(phases).toEqual([]);
});
