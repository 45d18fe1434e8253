import { completeJobSpecSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { planTraining } from '../../src/index.js';
import { packToy, toySpec } from '../toy.js';

it('jobs with other seeds validate on the same images, and with another split seed on others', async () => {
  const { dataset, datasetFile } = await packToy();
  const splitOf = async (seed: number, splitSeed?: number) => {
    const choice = splitSeed === undefined ? {} : { splitSeed };
    const spec = toySpec({ seed, dataset: { name: 'toy', limit: 50, ...choice } });
    return (await planTraining(spec, dataset, datasetFile)).split;
  };
  const first = await splitOf(1, 0);
  expect(await splitOf(2, 0)).toEqual(first);
  expect(await splitOf(1, 3)).not.toEqual(first);
});

it('a stored job without a split seed keeps the split that its seed has made', async () => {
  const { dataset, datasetFile } = await packToy();
  const current = toySpec({ seed: 5, dataset: { name: 'toy', splitSeed: 5 } });
  const { splitSeed: _, ...choice } = current.dataset;
  const older = completeJobSpecSchema.parse({ ...current, dataset: choice });
  const splits = await Promise.all(
    [current, older].map(async (spec) => (await planTraining(spec, dataset, datasetFile)).split),
  );
  expect(splits[1]).toEqual(splits[0]);
});
