import type { JobSpecInput, TrainerMessage } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { type Executor, type SlotData, slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { TrainingSignal } from '../../src/index.js';
import { bestFolder, epochsOf, messagesOf, packToy, resultsOf, trainToy } from '../toy.js';

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

/**
 * The executor, with one value of a slot that is infinite from the given epoch of 8 steps on; and, where requested, the
 * loss of every test.
 */
async function overflowing(slot: string, epoch: number, { testLoss = false } = {}): Promise<Executor> {
  const executor = await openTfjsExecutor({ backend: 'cpu' });
  return {
    info: executor.info,
    async openSession() {
      const session = await executor.openSession();
      let steps = 0;
      let tests = false;
      return {
        ...session,
        write: session.write.bind(session),
        writeFromFile: session.writeFromFile.bind(session),
        close: session.close.bind(session),
        async load(program) {
          const loaded = await session.load(program);
          tests ||= program.slots.some(({ name }) => name === slotNames.confusion);
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
          if (testLoss && tests && name === slotNames.totals('evaluate')) values[0] = Number.NaN;
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

it('the best weights of a run that diverges are tested, also where it resumes after them', async () => {
  const toy = await packToy();
  const changes = { checkpoint: { everySteps: 5 } };
  const whole = await trainToy(toy, { ...changes, epochs: 2 });
  const { epoch } = resultsOf(whole);
  const results = { ...resultsOf(whole), partial: true, last: null, seconds: expect.any(Number) };
  const expected = { type: 'failed', failure: failure(/not finite after step 4 of epoch 3/), results };
  const executor = await overflowing('dense_1/kernel', 3);
  expect((await trainToy(toy, { ...changes, epochs: 4 }, { executor })).last).toEqual(expected);

  const resumeFrom = epochsOf(whole).at(-1)?.checkpoint?.folder ?? null;
  const bestSoFar = epoch === 2 ? null : bestFolder(whole);
  const again = await overflowing('dense_1/kernel', 1);
  const resumed = await trainToy(
    toy,
    { ...changes, epochs: 4 },
    { executor: again, attempt: 2, resumeFrom, bestSoFar },
  );
  expect(resumed.last).toEqual(expected);
});

it('a run that diverges before its first epoch ends has no results', async () => {
  const executor = await overflowing('dense_1/kernel', 1);
  const { last } = await trainToy(await packToy(), { checkpoint: { everySteps: 3 } }, { executor });
  expect(last).toMatchObject({ type: 'failed', failure: { code: 'diverged' }, results: null });
});

it.each([
  ['at its end fails', 9],
  ['after it has diverged has no results, and a warning says why', 2],
])('a run whose best weights give a test loss that is not finite %s', async (_what, epoch) => {
  const executor = await overflowing('dense_1/kernel', epoch, { testLoss: true });
  const { last, messages } = await trainToy(await packToy(), { epochs: 2 }, { executor });
  const untested = /^the test loss of the weights of epoch [12] is not a finite number, although the weights are/;
  const expected = epoch === 9 ? failure(untested) : failure(/^the network is not finite after epoch 2/);
  expect(last).toEqual({ type: 'failed', failure: expected, results: null });
  const warnings = messagesOf(messages, 'warning').map(({ code, message }) => `${code}: ${message}`);
  expect(warnings).toEqual(
    epoch === 9 ? [] : [expect.stringMatching(/^best_untested: the best weights, of epoch 1, .*the test loss/)],
  );
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
