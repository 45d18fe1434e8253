import type { SweepSpec } from '@trainyard/contracts';
import { comparableLosses } from '../stoppers/asha.js';
import type { Trial } from '../trial.js';
import { climbersOf } from './climbers.js';
import { resultOf, type TrialState } from './trialState.js';

/** The trials as a sampler sees them. */
export function sampledTrials(sweep: SweepSpec, trials: readonly TrialState[], rungs: readonly number[]): Trial[] {
  const [first] = sweep.objectives;
  if (sweep.stopper.type === 'asha' && first && sweep.objectives.length === 1) {
    const enough = sweep.sampler.type === 'tpe' ? sweep.sampler.startupTrials : 1;
    const losses = comparableLosses(climbersOf(trials, first, rungs), enough);
    return trials.map(({ number, point }) => ({ number, point, losses: losses.get(number) ?? 'running' }));
  }
  return trials.map((trial) => ({ number: trial.number, point: trial.point, losses: lossesOf(trial, sweep) }));
}

function lossesOf(trial: TrialState, { objectives }: SweepSpec): Trial['losses'] {
  if (trial.jobState === 'succeeded') return resultOf(trial, objectives);
  return trial.jobState === 'failed' || trial.jobState === 'cancelled' ? 'failed' : 'running';
}
