import type { JobSpec, TrainingLimit } from '@trainyard/contracts';
import type { OpenedAttempt } from '@trainyard/db';
import type { AttemptContext } from './attemptContext.js';
import { retryWrite } from './retryWrite.js';

/**
 * What the spec's `stopAfter` leaves to an attempt that begins now, after those before it: the seconds of the limit
 * that is reached first; null: no limit. Where this worker's rate is unknown, a limit of cost has no effect, which a
 * warning of the job says.
 */
export async function limitOf(
  { context, token, log }: AttemptContext,
  { stopAfter }: JobSpec,
  { spentSeconds, spentCost }: Pick<OpenedAttempt, 'spentSeconds' | 'spentCost'>,
): Promise<TrainingLimit | null> {
  const { costPerHour, database } = context;
  const limits: TrainingLimit[] = [];
  if (stopAfter?.seconds != null) limits.push({ secondsLeft: stopAfter.seconds - spentSeconds, reason: 'seconds' });
  if (stopAfter?.cost != null && costPerHour === null) {
    const message = 'the limit of cost has no effect: TRAINYARD_COST_PER_HOUR is not set for this worker';
    await retryWrite(log, () => database.attempts.warning(token, { code: 'cost_unknown', message }));
  } else if (stopAfter?.cost != null && costPerHour !== null && costPerHour > 0) {
    limits.push({ secondsLeft: ((stopAfter.cost - spentCost) / costPerHour) * 3600, reason: 'cost' });
  }
  return limits.sort((a, b) => a.secondsLeft - b.secondsLeft)[0] ?? null;
}

/** The limit after the time since `openedAt` (performance.now()). */
export const limitFrom = (limit: TrainingLimit | null, openedAt: number): TrainingLimit | null =>
  limit && { ...limit, secondsLeft: limit.secondsLeft - (performance.now() - openedAt) / 1000 };
