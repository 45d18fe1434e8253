import { expect, it } from 'vitest';
import { digestsOf, packToy, resultsOf, trainToy } from './toy.js';

const changes = { epochs: 2, augmentation: { flip: true, translate: 1, cutout: 2 } };

it('the same spec and seed give the same bits twice, another seed gives other bits', async () => {
  const toy = await packToy();
  const first = await trainToy(toy, changes);
  const second = await trainToy(toy, changes);
  const other = await trainToy(toy, { ...changes, seed: 2 });
  expect(await digestsOf(second)).toEqual(await digestsOf(first));
  expect({ ...resultsOf(second), seconds: 0 }).toEqual({ ...resultsOf(first), seconds: 0 });
  expect(await digestsOf(other)).not.toEqual(await digestsOf(first));
});
