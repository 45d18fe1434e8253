import { join } from 'node:path';
import { writePacked } from '@trainyard/datasets';
import { expect, it } from 'vitest';
import { epochsOf, packToy, resultsOf, temporaryFolder, toyImages, trainToy } from '../toy.js';

/** The toy set, whose own validation images, the last of the stored ones, have the label of another class. */
async function withWrongValidation() {
  const toy = await packToy();
  const right = toyImages(90, 7);
  const labels = right.labels.map((label, i) => (i < 75 ? label : (label + 1) % 3));
  const datasetFile = join(await temporaryFolder(), 'wrong.packed');
  const train = { images: right.images, labels };
  const { name, version, classes, imageShape, source } = toy.dataset;
  const test = toyImages(30, 8);
  const set = { name, version, classes, imageShape, source, train, validationImages: 15, test };
  const dataset = await writePacked(datasetFile, set);
  return { ...toy, dataset, datasetFile };
}

it('trains on the training images and validates on the dataset’s own validation images', async () => {
  const toy = await withWrongValidation();
  const trained = await trainToy(toy, { dataset: { name: 'toy', validationSplit: 'provided' }, epochs: 4 });
  expect(resultsOf(trained).accuracy).toBeGreaterThan(0.9);
  expect(epochsOf(trained).at(-1)?.metrics.validationAccuracy).toBeLessThan(0.1);
});
