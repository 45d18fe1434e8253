import { probabilityScale } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { packToy, resultsOf, toyImages, trainToy } from '../toy.js';

it('keeps a prediction for each test image, over whole batches and the rest', async () => {
  const images = 257;
  const toy = await packToy(75, images);
  const { predictions, ...results } = resultsOf(await trainToy(toy, { epochs: 1, testAugmentation: 'mirror' }));
  if (!predictions) throw new Error('there are no predictions');
  expect(predictions.datasetDigest).toBe(toy.dataset.digest);
  expect([...predictions.labels]).toEqual([...toyImages(images, 8).labels]);
  const confusion = results.confusion.map((row) => row.map(() => 0));
  predictions.labels.forEach((label, i) => {
    const row = confusion[label] as number[];
    row[predictions.predicted[i] as number] = (row[predictions.predicted[i] as number] ?? 0) + 1;
  });
  expect(confusion).toEqual(results.confusion);
  for (let i = 0; i < images; i++) {
    const [confidence, ofLabel] = [predictions.confidences[i] as number, predictions.labelProbabilities[i] as number];
    expect(confidence).toBeGreaterThanOrEqual(Math.floor(probabilityScale / 3));
    if (predictions.predicted[i] === predictions.labels[i]) expect(ofLabel).toBe(confidence);
    else expect(ofLabel).toBeLessThanOrEqual(probabilityScale - confidence + 1);
  }
  // The mean of -log p of the true class is the loss, up to the rounding of the stored probabilities.
  const losses = [...predictions.labelProbabilities].map((p) => -Math.log(Math.max(p, 0.5) / probabilityScale));
  expect(losses.reduce((a, b) => a + b) / images).toBeCloseTo(results.loss, 2);
});
