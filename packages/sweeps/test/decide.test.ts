import { completeSweepSpecSchema, type Point, type SweepSpec } from '@trainyard/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type TrialState } from '../src/index.js';

const epochs = 27;
const sweepOf = (fields: object): SweepSpec =>
  completeSweepSpecSchema.parse({
    spec: {},
    space: { x: { type: 'uniform', min: -1, max: 1 } },
    objectives: [{ metric: 'validationLoss', direction: 'minimize' }],
    seed: 4,
    sampler: 'tpe',
    stopper: 'asha',
    budget: { trials: 20 },
    ...fields,
  });

/** The loss of a trial after so many epochs. */
const lossAt = ({ x }: Point, epoch: number): number => (Number(x) - 0.3) ** 2 + 1 / epoch;

interface Simulated {
  trials: TrialState[];
  /** The most that trained at the same time. */
  most: number;
}

/**
 * Runs a sweep with jobs that train an epoch at a time.
 * @param random draws from [0, 1): which job trains next, which decisions are lost, how late a pause is noticed
 */
function simulate(sweep: SweepSpec, random: () => number, fails: (number: number) => boolean = () => false): Simulated {
  let trials: TrialState[] = [];
  let most = 0;
  const change = (number: number, fields: Partial<TrialState>) => {
    trials = trials.map((trial) => (trial.number === number ? { ...trial, ...fields } : trial));
  };
  for (let step = 0; step < 5000; step++) {
    const { pause, cancel, resume, start, finished } = decide({ sweep, epochs, trials, seconds: 0 });
    // A process that was killed before its commit has done nothing.
    if (random() < 0.7) {
      for (const number of pause) change(number, { jobState: 'pausing' });
      for (const number of cancel) change(number, { jobState: 'cancelled' });
      for (const { number, rung } of resume) change(number, { jobState: 'queued', rung });
      for (const point of start)
        trials = [...trials, { ...newTrial, number: trials.length, point, jobState: 'queued' }];
      if (finished) return { trials, most };
    }
    const active = trials.filter(({ jobState }) => ['queued', 'running', 'pausing'].includes(jobState));
    most = Math.max(most, active.length);
    const trial = active[Math.floor(random() * active.length)];
    if (trial) change(trial.number, train(trial, random, fails));
  }
  throw new Error('the sweep does not end');
}

const newTrial = { rung: 0, epochs: [], trainingSeconds: 0, parameters: 1, recall: null };

function train(trial: TrialState, random: () => number, fails: (number: number) => boolean): Partial<TrialState> {
  if (trial.jobState === 'queued') return { jobState: 'running' };
  if (trial.jobState === 'pausing' && random() < 0.5) return { jobState: 'paused' };
  if (fails(trial.number) && trial.epochs.length === 2) return { jobState: 'failed' };
  if (trial.epochs.length === epochs) return { jobState: 'succeeded' };
  const validationLoss = lossAt(trial.point, trial.epochs.length + 1);
  return { epochs: [...trial.epochs, { validationLoss, validationAccuracy: 0 }] };
}

/** As fast-check draws them, so that a counter-example is short; 0 when they are used up. */
const draws = fc
  .infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }))
  .map((stream) => () => stream.next().value);
const orderly = () => 0;

describe('what a sweep does next', () => {
  it('ends with every trial once, and never exceeds parallelism, trials or epochs', () => {
    fc.assert(
      fc.property(
        draws,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 10, max: 200 }),
        (random, parallelism, most) => {
          const sweep = sweepOf({ parallelism, budget: { trials: 12, epochs: most } });
          const result = simulate(sweep, random);
          expect(result.most).toBeLessThanOrEqual(parallelism);
          expect(result.trials.length).toBeLessThanOrEqual(12);
          expect(new Set(result.trials.map(({ point }) => point.x)).size).toBe(result.trials.length);
          const granted = result.trials.map(({ rung }) => [1, 3, 9, 27][rung] ?? 0);
          expect(granted.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is the same with one trial at a time, whatever is lost or late', () => {
    const sweep = sweepOf({});
    const summary = ({ trials }: Simulated) => trials.map(({ point, rung }) => ({ point, rung }));
    const undisturbed = summary(simulate(sweep, orderly));
    expect(undisturbed).toHaveLength(20);
    fc.assert(
      fc.property(draws, (random) => {
        expect(summary(simulate(sweep, random))).toEqual(undisturbed);
      }),
      { numRuns: 20 },
    );
  });

  it('trains the best trials to the last rung, and saves most epochs of the others', () => {
    const { trials } = simulate(sweepOf({}), orderly);
    const finished = trials.filter(({ jobState }) => jobState === 'succeeded');
    const distance = ({ point: { x } }: TrialState) => Math.abs(Number(x) - 0.3);
    expect(finished.length).toBeGreaterThan(0);
    expect(Math.min(...trials.map(distance))).toBe(Math.min(...finished.map(distance)));
    const trained = trials.reduce((sum, trial) => sum + trial.epochs.length, 0);
    expect(trained).toBeLessThan((20 * epochs) / 3);
  });

  it('goes on after trials that failed, and counts them', () => {
    const { trials } = simulate(sweepOf({}), orderly, (number) => number % 2 === 0);
    expect(trials).toHaveLength(20);
    expect(trials.some(({ jobState }) => jobState === 'failed')).toBe(true);
    expect(trials.some(({ jobState }) => jobState === 'succeeded')).toBe(true);
  });

  it('cancels a trial below the median', () => {
    const sweep = sweepOf({ stopper: { type: 'median', startupTrials: 3, firstRung: 2 }, sampler: 'random' });
    const { trials } = simulate(sweep, orderly);
    const cancelled = trials.filter(({ jobState }) => jobState === 'cancelled');
    expect(cancelled.length).toBeGreaterThan(3);
    expect(trials.filter(({ jobState }) => jobState === 'succeeded').length).toBeGreaterThan(3);
    expect(Math.max(...cancelled.map(({ epochs: done }) => done.length))).toBeLessThan(epochs);
  });
});
