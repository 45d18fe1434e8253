import type { JobSpecInput, TrainerMessage } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import type { Executor, SlotData } from '@trainyard/program';
import { expect, it } from 'vitest';
import { TrainingSignal } from '../../src/index.js';
import { epochsOf, messagesOf, packToy, trainToy } from '../toy.js';

const failure = (message: RegExp) => ({ code: 'diverged', message: expect.stringMatching(message) });

it('a loss that is not a number fails the run and suggests a lower learning rate', async () => {
  const changes: Partial<JobSpecInput> = {
    architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 8 }, { type: 'dense', units: 3 }] },
    learningRate: 999,
    optimizer: { type: 'sgd', momentum: 0.9 },
    epochs: 5,
  };
  const trained = await trainToy(await packToy(), changes);
  const loss = /^the training loss of epoch \d is not a finite number, first the kernel of dense_1 \(layers/;
  expect(trained.last).toMatchObject({ type: 'failed', failure: failure(loss) });
  expect(trained.last).toMatchObject({ failure: failure(/learningRate lower than 999/) });
  for (const { metrics } of epochsOf(trained)) expect(Number.isFinite(metrics.trainLoss)).toBe(true);
});

it.each(['relu', 'leakyRelu', 'gelu'] as const)(
  'a network with %s and a pool diverges as one without',
  async (kind) => {
    const layers: JobSpecInput['architecture'] = {
      layers: [
        { type: 'conv2d', filters: 4 },
        { type: 'activation', kind },
        { type: 'maxPool' },
        { type: 'flatten' },
        { type: 'dense', units: 3 },
      ],
    };
    const trained = await trainToy(await packToy(), { architecture: layers, learningRate: 1000, epochs: 9 });
    const message = /^the (training|validation) loss of epoch \d is not a finite number/;
    expect(trained.last).toMatchObject({ type: 'failed', failure: failure(message) });
  },
);

/** The executor, with one value of a slot that is infinite from the given epoch of 8 steps on. */
async function overflowing(slot: string, epoch: number): Promise<Executor> {
  const executor = await openTfjsExecutor({ backend: 'cpu' });
  return {
    info: executor.info,
    async openSession() {
      const session = await executor.openSession();
      let steps = 0;
      return {
        ...session,
        write: session.write.bind(session),
        writeFromFile: session.writeFromFile.bind(session),
        close: session.close.bind(session),
        async load(program) {
          const loaded = await session.load(program);
          return {
            ...loaded,
            async run(count, feeds, signal) {
              const done = await loaded.run(count, feeds, signal);
              if (program.name.startsWith('train')) steps += done;
              return done;
            },
          };
        },
        async read(name): Promise<SlotData> {
          const values = await session.read(name);
          if (name === slot && steps > 8 * (epoch - 1)) values[0] = Number.POSITIVE_INFINITY;
          return values;
        },
      };
    },
  };
}

it.each([
  ['conv2d_1/kernel', 'the kernel of conv2d_1 (layers/0)'],
  ['batch_normalization_1/moving_variance', 'the moving_variance of batch_normalization_1 (layers/1)'],
  ['ema/dense_1/bias', 'the bias of dense_1 (layers/6)'],
  ['slow/dense_1/kernel', 'the kernel of dense_1 (layers/6)'],
])('a value of %s that is not finite fails the run, and no checkpoint has it', async (slot, words) => {
  const changes = { epochs: 3, ema: { decay: 0.5 }, lookahead: { every: 2 } };
  const trained = await trainToy(await packToy(), changes, { executor: await overflowing(slot, 2) });
  expect(trained.last).toMatchObject({ type: 'failed', failure: { code: 'diverged' } });
  expect(trained.last).toMatchObject({
    failure: { message: expect.stringContaining(`the network is not finite after epoch 2, first ${words}`) },
  });
  expect(epochsOf(trained).map(({ metrics }) => metrics.epoch)).toEqual([1]);
});

it('a checkpoint within an epoch is not written from weights that are not finite', async () => {
  const executor = await overflowing('dense_1/kernel', 1);
  const trained = await trainToy(await packToy(), { checkpoint: { everySteps: 3 } }, { executor });
  expect(trained.last).toMatchObject({
    failure: failure(/not finite after step 3 of epoch 1, first the kernel of dense/),
  });
  expect(messagesOf(trained.messages, 'checkpoint')).toEqual([]);
});

it('a run that is suspended with weights that are not finite writes no checkpoint', async () => {
  const signal = new TrainingSignal();
  const executor = await overflowing('dense_1/kernel', 1);
  const watch = ({ type }: TrainerMessage) => (type === 'progress' ? signal.requestSuspend() : undefined);
  const trained = await trainToy(await packToy(), {}, { executor, signal, watch });
  expect(messagesOf(trained.messages, 'progress')).not.toEqual([]);
  expect(trained.last).toEqual({ type: 'suspended', checkpoint: null });
});
