import { expect, test } from 'vitest';
import { DatasetStore, openPacked, shapesClasses } from '../../src/index.js';
import { temporaryFolder } from '../makeArchives.js';

test('the generated set is the same bits on every machine and every time', async () => {
  const store = new DatasetStore(await temporaryFolder());
  const phases: string[] = [];
  const dataset = await store.import({ kind: 'shapes' }, ({ phase }) => phases.push(phase));
  expect(dataset).toMatchObject({ name: 'shapes', version: 1, trainImages: 10_000, testImages: 2_000 });
  expect(dataset.classes).toEqual(shapesClasses);
  expect(dataset.digest).toBe('e7f3fd61a84c3b32cb541470fc006781aa5e50f82023ee75fa6aa2b7e3cc5415');
  expect(phases).toContain('generating');

  const packed = await openPacked(store.file(dataset));
  const counts = new Array(10).fill(0);
  for (const label of await packed.readLabels('test')) counts[label]++;
  expect(counts).toEqual(new Array(10).fill(200));

  phases.length = 0;
  expect(await store.import({ kind: 'shapes' }, ({ phase }) => phases.push(phase))).toEqual(dataset);
  expect(phases).toEqual([]);
});
