import type { JobSpecInput, TrainerMessage } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { slotNames } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { TrainingSignal } from '../../src/index.js';
import {
  bestFolder,
  curves,
  digestsOf,
  epochsOf,
  packToy,
  photoRecipe,
  recordRecipe,
  type Toy,
  type TrainedToy,
  trainToy,
  watched,
  withoutSeconds,
} from '../toy.js';

const specs: Record<string, Partial<JobSpecInput>> = {
  'momentum and a schedule': {
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true },
    schedule: { type: 'cosine', warmupEpochs: 1 },
  },
  'adam, an average of the weights and augmentation': {
    optimizer: 'adam',
    learningRate: 0.01,
    ema: { decay: 0.9, warmup: true },
    augmentation: { flip: true, translate: 1 },
  },
  'the record recipes’ features': recordRecipe,
  'augmentation for photographs': photoRecipe,
};

/** Requests to suspend when the evaluation runs for the given time (from 1). */
async function suspendAtEvaluation(toy: Toy, run: number) {
  let runs = 0;
  return suspendWhen(toy, {}, (program) => program === 'evaluate' && ++runs === run);
}

/** Requests to suspend when the executor is called to run from the given step on. */
async function suspendBeforeStep(toy: Toy, changes: Partial<JobSpecInput>, step: number) {
  return suspendWhen(toy, changes, (program, feeds) => program === 'train' && feeds[slotNames.step]?.[0] === step);
}

async function suspendWhen(
  toy: Toy,
  changes: Partial<JobSpecInput>,
  when: (program: string, feeds: Record<string, ArrayLike<number>>) => boolean,
): Promise<TrainedToy> {
  const signal = new TrainingSignal();
  const executor = watched(await openTfjsExecutor({ backend: 'cpu' }), (program, _, feeds) => {
    if (when(program, feeds)) signal.requestSuspend();
  });
  return trainToy(toy, changes, { executor, signal });
}

function suspendedAt({ last }: TrainedToy) {
  if (last.type !== 'suspended') throw new Error(`the training ended with ${JSON.stringify(last)}`);
  return last.checkpoint;
}

describe.each(Object.entries(specs))('with %s', (_, changes) => {
  it('a run suspended in the middle of an epoch ends like an uninterrupted one', async () => {
    const toy = await packToy();
    const whole = await trainToy(toy, changes);
    // The first run of an epoch is one step, so that the second begins with the epoch's second step.
    const first = await suspendBeforeStep(toy, changes, 9);
    const checkpoint = suspendedAt(first);
    expect(checkpoint?.manifest.cursor).toEqual({ epoch: 1, step: 1, globalStep: 9 });
    const options = { attempt: 2, resumeFrom: checkpoint?.folder ?? null, bestSoFar: bestFolder(first) };
    const second = await trainToy(toy, changes, options);
    expect(second.messages[0]).toMatchObject({ type: 'started', resumedFrom: checkpoint?.manifest.cursor });
    expect(curves(first, second)).toEqual(curves(whole));
    expect((await digestsOf(second)).get(3)).toBe((await digestsOf(whole)).get(3));
    expect(withoutSeconds(second)).toEqual(withoutSeconds(whole));
  });
});

it('a run suspended within a chunk of steps loses and repeats no step', async () => {
  const toy = await packToy(300);
  const changes = { ...specs['momentum and a schedule'], epochs: 2 };
  const whole = await trainToy(toy, changes);
  const signal = new TrainingSignal();
  const executor = watched(await openTfjsExecutor({ backend: 'cpu' }), (_, steps) => {
    // The executor waits for one turn of the event loop before each step: so after the first step of the chunk.
    if (steps > 1) setImmediate(() => setImmediate(() => signal.requestSuspend()));
  });
  const first = await trainToy(toy, changes, { executor, signal });
  const checkpoint = suspendedAt(first);
  expect(checkpoint?.manifest.cursor.globalStep).toBeGreaterThan(1);
  const options = { attempt: 2, resumeFrom: checkpoint?.folder ?? null, bestSoFar: bestFolder(first) };
  const second = await trainToy(toy, changes, options);
  expect(curves(first, second)).toEqual(curves(whole));
  expect((await digestsOf(second)).get(2)).toBe((await digestsOf(whole)).get(2));
});

it('a run suspended between two epochs resumes from the epoch’s own checkpoint', async () => {
  const toy = await packToy();
  const changes = specs['momentum and a schedule'] ?? {};
  const whole = await trainToy(toy, changes);
  const watch = (message: TrainerMessage, signal: TrainingSignal) => {
    if (message.type === 'epoch' && message.metrics.epoch === 2) signal.requestSuspend();
  };
  const first = await trainToy(toy, changes, { watch });
  expect(first.last).toEqual({ type: 'suspended', checkpoint: null });
  const resumeFrom = epochsOf(first).at(-1)?.checkpoint?.folder ?? null;
  const second = await trainToy(toy, changes, { attempt: 2, resumeFrom, bestSoFar: bestFolder(first) });
  expect(curves(first, second)).toEqual(curves(whole));
  expect((await digestsOf(second)).get(3)).toBe((await digestsOf(whole)).get(3));
});

it('a run suspended while it validates validates again', async () => {
  const toy = await packToy();
  const first = await suspendAtEvaluation(toy, 2);
  const checkpoint = suspendedAt(first);
  expect(checkpoint?.manifest.cursor).toEqual({ epoch: 1, step: 8, globalStep: 16 });
  const options = { attempt: 2, resumeFrom: checkpoint?.folder ?? null, bestSoFar: bestFolder(first) };
  const second = await trainToy(toy, {}, options);
  expect(curves(first, second)).toEqual(curves(await trainToy(toy)));
});

it('a run suspended during its test is tested again without more training', async () => {
  const toy = await packToy();
  const first = await suspendAtEvaluation(toy, 4);
  expect(first.last).toEqual({ type: 'suspended', checkpoint: null });
  const resumeFrom = epochsOf(first).at(-1)?.checkpoint?.folder ?? null;
  const second = await trainToy(toy, {}, { attempt: 2, resumeFrom, bestSoFar: bestFolder(first) });
  expect(epochsOf(second)).toEqual([]);
  expect(withoutSeconds(second)).toEqual(withoutSeconds(await trainToy(toy)));
});

it('early stopping counts its patience across a resume', async () => {
  const toy = await packToy();
  const changes = { epochs: 20, earlyStopping: { patience: 3, minDelta: 0.5 } };
  const whole = await trainToy(toy, changes);
  const watch = (message: TrainerMessage, signal: TrainingSignal) => {
    if (message.type === 'epoch' && message.metrics.epoch === 2) signal.requestSuspend();
  };
  const first = await trainToy(toy, changes, { watch });
  const resumeFrom = epochsOf(first).at(-1)?.checkpoint?.folder ?? null;
  const second = await trainToy(toy, changes, { attempt: 2, resumeFrom, bestSoFar: bestFolder(first) });
  expect(curves(first, second)).toEqual(curves(whole));
});
