import type { Job, JobSpecInput } from '@trainyard/contracts';
import { waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';
import { type Replica, trainInPyTorch } from './support/replica.js';
import { downloadTensors, type Service, specOf, useService, writeRun } from './support/service.js';

const dense = { type: 'dense', units: 5 } as const;

/** Where NaN can hide: behind a maximum, behind statistics that are not trained, and nowhere. */
const networks: Record<string, JobSpecInput['architecture']> = {
  'ReLU and pools': {
    layers: [
      { type: 'conv2d', filters: 8, padding: 'same' },
      { type: 'activation' },
      { type: 'maxPool' },
      { type: 'conv2d', filters: 16, padding: 'same' },
      { type: 'activation' },
      { type: 'maxPool' },
      { type: 'flatten' },
      { type: 'dense', units: 32 },
      { type: 'activation' },
      dense,
    ],
  },
  batchNorm: {
    layers: [
      { type: 'conv2d', filters: 8, padding: 'same', bias: false },
      { type: 'batchNorm' },
      { type: 'activation' },
      { type: 'conv2d', filters: 16, stride: 2, padding: 'same', bias: false },
      { type: 'batchNorm' },
      { type: 'activation' },
      { type: 'globalAvgPool' },
      dense,
    ],
  },
  plain: {
    layers: [
      { type: 'conv2d', filters: 8, kernel: 5, stride: 2 },
      { type: 'activation', kind: 'tanh' },
      { type: 'flatten' },
      { type: 'dense', units: 32 },
      { type: 'activation', kind: 'leakyRelu' },
      dense,
    ],
  },
};
/** None from 30 to 200: near the edge, rounding decides which program overflows, and each computer rounds otherwise. */
const rates = [0.5, 1, 3, 10, 20, 30, 200, 300, 500, 1000];
const momenta = [0, 0.9];

const cases = Object.entries(networks).flatMap(([network, architecture]) =>
  rates.flatMap((learningRate) =>
    momenta.map((momentum) => ({
      network,
      learningRate,
      momentum,
      spec: specOf({ architecture, learningRate, batchSize: 20, optimizer: { type: 'sgd', momentum } }),
    })),
  ),
);

it('has only finite weights where a job succeeds, and fails none that PyTorch finishes, at 60 high rates', async () => {
  expect(cases).toHaveLength(60);
  const service = await useService();
  const jobs: Job[] = [];
  for (const { id } of await Promise.all(cases.map(({ spec }) => service.client.submit(spec))))
    jobs.push(await waitForEnd(service.client, id));
  const runs = await Promise.all(jobs.map(({ id, spec }) => writeRun(service, id, spec)));
  const replicas = await trainInPyTorch(service, runs);

  const outcomes = jobs.map((job, i) => ({ ours: outcomeOf(job), theirs: inPyTorch(replicas[i]) }));
  console.table(
    cases.map(({ network, learningRate, momentum }, i) => ({ network, learningRate, momentum, ...outcomes[i] })),
  );
  const succeeded = jobs.filter(({ state }) => state === 'succeeded');
  console.log(`${succeeded.length} of ${jobs.length} jobs succeeded, and ${count(replicas)} in PyTorch`);
  // Otherwise the rates are too low, or too high, to show anything.
  expect(succeeded.length).toBeGreaterThan(5);
  expect(succeeded.length).toBeLessThan(jobs.length - 5);

  const notFinite = (await Promise.all(succeeded.map((job) => notFiniteIn(service, job)))).flat();
  expect(notFinite).toEqual([]);
  expect(outcomes.filter(({ ours, theirs }) => ours !== 'finished' && ours !== theirs)).toEqual([]);
});

const outcomeOf = ({ state, failure }: Job) => (state === 'succeeded' ? 'finished' : (failure?.code ?? state));
const inPyTorch = (replica: Replica | undefined) => (replica?.finite ? 'finished' : 'diverged');
const count = (replicas: Replica[]) => replicas.filter(({ finite }) => finite).length;

/** The tensors of the job's checkpoints that have a value which is not finite. */
async function notFiniteIn(service: Service, { id, spec }: Job): Promise<string[]> {
  const checkpoints = await Promise.all((['best', 'last'] as const).map((ref) => downloadTensors(service, id, ref)));
  const where = `${JSON.stringify(spec.architecture)} at ${spec.learningRate}`;
  return checkpoints
    .flat()
    .filter(({ data }) => !data.every(Number.isFinite))
    .map(({ name }) => `${name} of ${where}`);
}
