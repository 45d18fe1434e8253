import type { EpochMetrics, TestResults } from '@trainyard/contracts';
import { waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';
import { type Replica, type ReplicaTest, trainInPyTorch } from './support/replica.js';
import { useService, writeRun } from './support/service.js';
import { unknownNetworks } from './support/specs.js';

/** Largest difference of two losses, as a share of PyTorch's: fp32 has seven digits, and sums have other orders. */
const tolerance = 1e-5;

/** As a share of PyTorch's. */
const deviation = (ours: number, theirs: number) => Math.abs(ours - theirs) / Math.abs(theirs);

const largest = (deviations: number[]) => Math.max(...deviations).toExponential(1);

/** Deviations of losses and learning rates, and what must be equal. */
function compare(epochs: EpochMetrics[], results: TestResults, replica: Replica, test: ReplicaTest) {
  const pairs = epochs.map((ours, i) => ({ ours, theirs: replica.epochs[i] as Replica['epochs'][number] }));
  return {
    losses: [
      ...pairs.map(({ ours, theirs }) => deviation(ours.trainLoss, theirs.trainLoss)),
      ...pairs.map(({ ours, theirs }) => deviation(ours.validationLoss, theirs.validationLoss)),
      deviation(results.loss, test.loss),
    ],
    rates: pairs.map(({ ours, theirs }) => deviation(ours.learningRate, theirs.learningRate)),
    ours: exactFigures(epochs, results),
    theirs: exactFigures(replica.epochs, test),
  };
}

const exactFigures = (
  epochs: Pick<EpochMetrics, 'trainAccuracy' | 'validationAccuracy'>[],
  { accuracy, confusion }: Pick<TestResults, 'accuracy' | 'confusion'>,
) => ({
  epochs: epochs.map(({ trainAccuracy, validationAccuracy }) => ({ trainAccuracy, validationAccuracy })),
  accuracy,
  confusion,
});

it('has the losses and accuracies of PyTorch on networks that no preset has', async () => {
  const service = await useService();
  const { client } = service;
  const sent = await Promise.all(Object.values(unknownNetworks).map((spec) => client.submit(spec)));
  const jobs = await Promise.all(sent.map(({ id }) => waitForEnd(client, id)));
  expect(jobs.map(({ state, failure }) => failure?.message ?? state)).toEqual(jobs.map(() => 'succeeded'));
  const runs = await Promise.all(jobs.map(({ id, spec }) => writeRun(service, id, spec)));
  const replicas = await trainInPyTorch(service, runs);

  const compared = await Promise.all(
    Object.keys(unknownNetworks).map(async (name, i) => {
      const [job, replica] = [jobs[i], replicas[i]];
      if (!job || !replica?.test) throw new Error(`PyTorch did not finish: ${name}`);
      return { name, ...compare(await client.metrics(job.id), await client.results(job.id), replica, replica.test) };
    }),
  );
  console.table(compared.map(({ name, losses, ours }) => ({ name, loss: largest(losses), accuracy: ours.accuracy })));
  for (const { name, losses, rates, ours, theirs } of compared) {
    expect(ours, name).toEqual(theirs);
    expect(Math.max(...losses), name).toBeLessThan(tolerance);
    expect(Math.max(...rates), name).toBeLessThan(1e-9);
    // A network that learned nothing would agree too easily: guessing has 0.2.
    expect(ours.accuracy, name).toBeGreaterThan(0.3);
  }
});
