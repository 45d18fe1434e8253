import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, type TrainyardClient } from '@trainyard/client';
import type { JobSpecInput } from '@trainyard/contracts';
import { stripes } from '@trainyard/test-kit/datasets';
import type { Span } from './faults/index.js';
import type { Random } from './random.js';

/**
 * Repeats a call while the service is unreachable or answers 503.
 * @throws ProblemError for every other problem
 */
export async function retryWhileUnavailable<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ProblemError && error.status !== 503) throw error;
      await sleep(200);
    }
  }
}

/** A user's request that may have become impossible in the meantime: 404 and 409 are expected answers. */
export async function unlessRefused(call: () => Promise<unknown>): Promise<'done' | 'refused'> {
  try {
    await retryWhileUnavailable(call);
    return 'done';
  } catch (error) {
    if (error instanceof ProblemError && [404, 409].includes(error.status)) return 'refused';
    throw error;
  }
}

/** Trains a second in a few epochs; few seeds, so that many jobs must end with the same weights. */
export const specOf = (random: Random): JobSpecInput => ({
  dataset: { name: stripes.name },
  architecture: 'lenet',
  recipe: 'article',
  learningRate: 0.05,
  batchSize: 20,
  epochs: random.integer(2, 4),
  seed: random.integer(1, 2),
  checkpoint: { everySteps: 25 },
  // Enough that the injected faults do not fail a job.
  maxAttempts: 20,
});

/** Submits `jobs` jobs, and keeps at most `ahead` of them unfinished. */
export async function submitAll(
  client: TrainyardClient,
  options: {
    jobs: number;
    ahead: number;
    random: Random;
    ended: () => number;
    onSubmitted: (id: string, span: Span) => void;
  },
): Promise<void> {
  const { jobs, ahead, random, ended, onSubmitted } = options;
  for (let n = 0; n < jobs; n += 1) {
    while (n - ended() >= ahead) await sleep(100);
    const spec = specOf(random);
    // A request that is repeated because its answer was lost must not create a second job.
    const from = performance.now();
    const { id } = await retryWhileUnavailable(() => client.submit(spec, { idempotencyKey: `battery-${n}` }));
    onSubmitted(id, { from, to: performance.now() });
  }
}
