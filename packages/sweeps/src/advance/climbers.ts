import type { Climber } from '../stoppers/asha.js';
import { bestSoFar } from '../stoppers/rungs.js';
import { epochLosses, type Objective, type TrialState } from './trialState.js';

/** Whether a trial has trained to the rung that it may train to. */
export const isAtRung = ({ epochs, rung }: TrialState, rungs: readonly number[]): boolean =>
  epochs.length >= (rungs[rung] ?? Number.POSITIVE_INFINITY);

/**
 * The trials on the ladder of asha. Epochs beyond the rung that a trial may train to do not count: how many there are
 * depends on how soon its trainer was paused.
 */
export function climbersOf(trials: readonly TrialState[], objective: Objective, rungs: readonly number[]): Climber[] {
  return trials.map((trial) => {
    const losses = epochLosses(trial, objective);
    const { number, jobState, rung } = trial;
    // Early stopping of the job may end it before its last rung, which it has then reached.
    const reached = rungs.filter((epochs, i) => jobState === 'succeeded' || (i <= rung && losses.length >= epochs));
    const atRungs = reached.map((epochs) => bestSoFar(losses, epochs));
    if (jobState === 'failed') return { number, losses: [...atRungs, Number.POSITIVE_INFINITY], state: 'ended' };
    if (jobState === 'succeeded' || jobState === 'cancelled') return { number, losses: atRungs, state: 'ended' };
    const isWaiting = jobState === 'paused' && isAtRung(trial, rungs);
    return { number, losses: atRungs, state: isWaiting ? 'waiting' : 'running' };
  });
}
