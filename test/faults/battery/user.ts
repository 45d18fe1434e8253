import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, type TrainyardClient } from '@trainyard/client';
import type { JobSpecInput } from '@trainyard/contracts';
import { stripes } from '@trainyard/test-kit/datasets';
import type { Random } from './random.js';

/**
 * Calls until the service answers. It may be away, or say that it is not available; every other problem is the answer.
 * @throws ProblemError
 */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ProblemError && error.status !== 503) throw error;
      await sleep(200);
    }
  }
}

/** As a user who asks for what may have become impossible meanwhile. */
export async function unlessRefused(call: () => Promise<unknown>): Promise<'done' | 'refused'> {
  try {
    await patiently(call);
    return 'done';
  } catch (error) {
    if (error instanceof ProblemError && [404, 409].includes(error.status)) return 'refused';
    throw error;
  }
}

/** A second of training in a few epochs; few seeds, so that many jobs have to come to the same weights. */
export const specOf = (random: Random): JobSpecInput => ({
  dataset: { name: stripes.name },
  ...{ architecture: 'lenet', learningRate: 0.05, batchSize: 20 },
  epochs: random.whole(2, 4),
  seed: random.whole(1, 2),
  checkpoint: { everySteps: 25 },
  // What the faults cost must not decide how a job ends.
  maxAttempts: 20,
});

/** Submits so many jobs, and no more at a time than `ahead` beyond those that have ended. */
export async function submitAll(
  client: TrainyardClient,
  options: { jobs: number; ahead: number; random: Random; ended: () => number; onSubmitted: (id: string) => void },
): Promise<void> {
  const { jobs, ahead, random, ended, onSubmitted } = options;
  for (let n = 0; n < jobs; n += 1) {
    while (n - ended() >= ahead) await sleep(100);
    const spec = specOf(random);
    // Sent again where the answer was lost, it must not become a second job.
    const { id } = await patiently(() => client.submit(spec, { idempotencyKey: `battery-${n}` }));
    onSubmitted(id);
  }
}
