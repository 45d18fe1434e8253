import { describe, expect, it } from 'vitest';
import { compareReplay, type ReplayedJob } from '../../src/jobs/compareReplay.js';
import { metrics, submission } from '../fixtures.js';

const job = (changes: Partial<ReplayedJob> = {}): ReplayedJob => ({
  id: 'job_b',
  state: 'succeeded',
  spec: submission().spec,
  epochs: [1, 2, 3].map((epoch) => metrics(epoch)),
  bestWeights: 'a',
  ...changes,
});
const compare = (replay: Partial<ReplayedJob>, original: ReplayedJob | null = job({ id: 'job_a' })) =>
  compareReplay(job(replay), original, 'job_a');
const epochsWith = (epoch: number, values: object) =>
  job().epochs.map((each) => (each.epoch === epoch ? { ...each, ...values } : each));

describe('a replay', () => {
  it('is bitwise equal where all figures and the weights are', () => {
    const epochs = job().epochs.map((each) => ({ ...each, trainSeconds: 9, imagesPerSecond: 1 }));
    expect(compare({ epochs })).toMatchObject({ verdict: 'bitwiseEqual', firstDifference: null, weightsEqual: true });
    expect(compare({ bestWeights: 'b' })).toMatchObject({ verdict: 'withinTolerance', weightsEqual: false });
    expect(compare({ bestWeights: null })).toMatchObject({ verdict: 'withinTolerance', weightsEqual: null });
  });

  it('is within tolerance where its figures are close', () => {
    const close = epochsWith(2, { trainLoss: 1.0009, validationAccuracy: 0.404 });
    expect(compare({ epochs: close })).toMatchObject({ verdict: 'withinTolerance', epoch: null, firstDifference: 2 });
  });

  it.each([{ trainLoss: 1.0011 }, { validationAccuracy: 0.406 }, { learningRate: 0.010000000000000002 }])(
    'diverges at the first epoch with %j',
    (values) => {
      const report = compare({ epochs: epochsWith(2, values), state: 'running' });
      expect(report).toMatchObject({ verdict: 'diverged', epoch: 2, message: 'diverged at epoch 2' });
    },
  );

  it('diverges after the last common epoch where one has more', () => {
    expect(compare({ epochs: job().epochs.slice(0, 2) })).toMatchObject({ verdict: 'diverged', epoch: 3 });
  });

  it('is pending while one goes on, and incomplete where one was not trained to its end', () => {
    expect(compare({ epochs: [], state: 'queued' })).toMatchObject({ verdict: 'pending', epochsCompared: 0 });
    expect(compare({ state: 'cancelled' })).toMatchObject({ verdict: 'incomplete' });
    expect(compare({}, null)).toMatchObject({ verdict: 'incomplete', message: 'the original job was deleted' });
  });

  it('names the changed fields of the spec, but not its labels', () => {
    const { spec } = submission({ learningRate: 0.02, name: 'other', notes: 'x' });
    expect(compare({ spec }).changed).toEqual(['learningRate']);
  });
});
