import type { Point, SweepSpec } from '@trainyard/contracts';
import { propose } from '../samplers/propose.js';
import { promotions } from '../stoppers/asha.js';
import { isBelowMedian } from '../stoppers/median.js';
import { rungsOf } from '../stoppers/rungs.js';
import { climbersOf, isAtRung } from './climbers.js';
import { sampledTrials } from './sampled.js';
import { epochLosses, isActive, type TrialState } from './trialState.js';

export interface SweepState {
  sweep: SweepSpec;
  /** Of the job spec. */
  epochs: number;
  /** All trials, by their number. */
  trials: readonly TrialState[];
  /** Wall-clock seconds that the sweep has run. */
  seconds: number;
}

/** What to do next. Everything in it is done in one transaction, or nothing. */
export interface Decision {
  /** Trials to pause, by number: they have reached their rung. */
  pause: number[];
  /** Trials to cancel: they were stopped early, or the sweep is over and they wait. */
  cancel: number[];
  /** Trials to resume, with the rung that they may then train to. */
  resume: { number: number; rung: number }[];
  /** Points of new trials, whose numbers follow on those of the trials there are. */
  start: Point[];
  /** Whether nothing is left to do. */
  finished: boolean;
}

/**
 * What a sweep does next: a pure function of what Postgres holds. It decides for all free places at once; trials that
 * were paused with the sweep continue first, then promoted ones, then new ones. The budget of epochs is that of the
 * rungs to which trials may train: what one trains beyond its rung, until its trainer is paused, is not counted.
 */
export function decide(state: SweepState): Decision {
  const { sweep, epochs, trials } = state;
  const rungs = sweep.stopper.type === 'asha' ? rungsOf(sweep.stopper, epochs) : [epochs];
  const pause = trials
    .filter((trial) => trial.jobState === 'running' && trial.rung < rungs.length - 1 && isAtRung(trial, rungs))
    .map(({ number }) => number);
  const cancel = stoppedEarly(state);
  let places = sweep.parallelism - trials.filter(isActive).length;
  const resume: Decision['resume'] = [];
  for (const next of resumable(state, rungs)) {
    if (places <= 0) break;
    resume.push(next);
    places -= 1;
  }
  const start: Point[] = [];
  const committed = epochsCommitted(trials, rungs, resume);
  while (
    places > 0 &&
    hasBudget(state, trials.length + start.length, committed + start.length * (rungs[0] ?? 0), rungs)
  ) {
    const point = nextPoint(state, rungs, start);
    if (!point) break;
    start.push(point);
    places -= 1;
  }
  const isIdle = !trials.some(isActive) && resume.length === 0 && start.length === 0;
  if (isIdle) cancel.push(...trials.filter(({ jobState }) => jobState === 'paused').map(({ number }) => number));
  return { pause, cancel, resume, start, finished: isIdle };
}

function stoppedEarly({ sweep, trials }: SweepState): number[] {
  const { stopper, objectives } = sweep;
  const [objective] = objectives;
  if (stopper.type !== 'median' || !objective) return [];
  const finished = trials
    .filter(({ jobState }) => jobState === 'succeeded')
    .map((trial) => epochLosses(trial, objective));
  return trials
    .filter(({ jobState }) => jobState === 'running')
    .filter((trial) => isBelowMedian(epochLosses(trial, objective), finished, stopper))
    .map(({ number }) => number);
}

/** Trials that were paused on their way to a rung, then those that are promoted. */
function* resumable(
  { sweep, trials, seconds }: SweepState,
  rungs: readonly number[],
): Generator<Decision['resume'][0]> {
  for (const trial of trials)
    if (trial.jobState === 'paused' && !isAtRung(trial, rungs)) yield { number: trial.number, rung: trial.rung };
  const [objective] = sweep.objectives;
  const isOver = sweep.budget.seconds !== null && seconds >= sweep.budget.seconds;
  if (sweep.stopper.type !== 'asha' || !objective || isOver) return;
  let committed = epochsCommitted(trials, rungs, []);
  for (const number of promotions(climbersOf(trials, objective, rungs), sweep.stopper.reductionFactor, rungs.length)) {
    const rung = (trials[number]?.rung ?? 0) + 1;
    committed += (rungs[rung] ?? 0) - (rungs[rung - 1] ?? 0);
    if (sweep.budget.epochs !== null && committed > sweep.budget.epochs) return;
    yield { number, rung };
  }
}

/** Epochs that the trials have trained or may still train. */
function epochsCommitted(trials: readonly TrialState[], rungs: readonly number[], resume: Decision['resume']): number {
  const rungOf = new Map(resume.map(({ number, rung }) => [number, rung]));
  return trials.reduce((sum, trial) => {
    const ended = trial.jobState === 'failed' || trial.jobState === 'cancelled' || trial.jobState === 'succeeded';
    const allowed = rungs[rungOf.get(trial.number) ?? trial.rung] ?? 0;
    return sum + (ended ? trial.epochs.length : Math.max(allowed, trial.epochs.length));
  }, 0);
}

function hasBudget(
  { sweep, seconds }: SweepState,
  count: number,
  committed: number,
  rungs: readonly number[],
): boolean {
  const { trials, epochs, seconds: most } = sweep.budget;
  if (count >= trials || (most !== null && seconds >= most)) return false;
  return epochs === null || committed + (rungs[0] ?? 0) <= epochs;
}

function nextPoint({ sweep, trials }: SweepState, rungs: readonly number[], start: readonly Point[]): Point | null {
  const { space, sampler, seed } = sweep;
  const started = start.map((point, i) => ({ number: trials.length + i, point, losses: 'running' as const }));
  return propose({ space, sampler, seed, trials: [...sampledTrials(sweep, trials, rungs), ...started] });
}
