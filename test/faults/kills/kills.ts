import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { TrainyardClient } from '@trainyard/client';
import type { JobSpecInput } from '@trainyard/contracts';
import { stripes } from '@trainyard/test-kit/datasets';
import { createHome, type Home, outcomeOf, ServedStack, trainerPid, waitForEnd } from '@trainyard/test-kit/service';
import { Random } from '../battery/random.js';

/** Trains for two seconds with a checkpoint every few steps, so that many kills interrupt the writing of one. */
const spec: JobSpecInput = {
  dataset: stripes.name,
  architecture: 'lenet',
  recipe: 'article',
  learningRate: 0.05,
  batchSize: 20,
  epochs: 4,
  seed: 3,
  optimizer: { type: 'sgd', momentum: 0.9 },
  checkpoint: { everySteps: 10 },
};

/**
 * Runs at the same time, each with a service of its own; most of their time they wait until a lost worker is noticed.
 */
const lanes = 2;

export interface KillsOptions {
  seed: number;
  runs: number;
  print: (line: string) => void;
}

/**
 * Kills a trainer or a worker in each of many runs of one job, at a moment that the seed draws: after so many
 * milliseconds of training, or while a checkpoint is being written.
 *
 * @returns the outcome of each run, and the outcome of an undisturbed run.
 */
export async function runKills({ seed, runs, print }: KillsOptions) {
  const random = new Random(seed);
  const plans = Array.from({ length: runs }, () => planOf(random));
  const outcomes: string[] = [];
  let undisturbed = '';
  const work = async (lane: number) => {
    const home = await createHome();
    const served = await ServedStack.start(home);
    try {
      if (lane === 0) undisturbed = await undisturbedRun(served);
      for (let plan = plans.shift(); plan; plan = plans.shift()) {
        const { attempts, outcome, how } = await disturbedRun(served, home, plan);
        outcomes.push(outcome);
        print(`run ${outcomes.length} of ${runs}: ${how}; ${attempts} attempts`);
      }
    } finally {
      await served.stop();
      await home.remove();
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return { outcomes, undisturbed };
}

/** A run ends before this. */
const giveUpMs = 5000;

interface Plan {
  victim: 'trainer' | 'worker';
  /** Milliseconds after the start of the training; or while the n-th checkpoint is written, counted from 1. */
  moment: { afterMs: number } | { inCheckpoint: number };
}

const planOf = (random: Random): Plan => ({
  victim: random.chance(0.6) ? 'trainer' : 'worker',
  moment: random.chance(0.5) ? { afterMs: random.integer(0, 1500) } : { inCheckpoint: random.integer(1, 25) },
});

async function undisturbedRun(served: ServedStack): Promise<string> {
  const worker = await served.startWorker();
  const job = await waitForEnd(served.client, (await served.client.submit(spec)).id);
  if (job.state !== 'succeeded' || job.attempt !== 1) throw new Error(`the undisturbed run: ${JSON.stringify(job)}`);
  await worker.end('SIGTERM');
  return outcome(served.client, job.id);
}

async function disturbedRun(served: ServedStack, home: Home, plan: Plan) {
  const { client } = served;
  let worker = served.workers.findLast((each) => !each.ended) ?? (await served.startWorker());
  const { id } = await client.submit(spec);
  const staging = path.join(home.folder, 'artifacts', 'staging', id);
  const pid = await trainerPid(worker, id);
  const at = await momentOf(plan.moment, staging);
  if (plan.victim === 'worker') {
    await worker.end('SIGKILL');
    worker = await served.startWorker();
  } else kill(pid);
  const job = await waitForEnd(client, id);
  if (job.state !== 'succeeded') throw new Error(`${id} ended as ${job.state}: ${job.failure?.message}`);
  const how = `${plan.victim} killed ${at}`;
  return { attempts: job.attempt, outcome: await outcome(client, id), how };
}

async function momentOf(moment: Plan['moment'], staging: string): Promise<string> {
  if ('afterMs' in moment) {
    await sleep(moment.afterMs);
    return `${moment.afterMs} ms after its start`;
  }
  return `while writing checkpoint ${await nthCheckpoint(staging, moment.inCheckpoint)}`;
}

/**
 * Returns n while the n-th checkpoint is written into its staging folder; or how many there were before the run ended.
 */
async function nthCheckpoint(staging: string, count: number): Promise<number> {
  const begun = new Set<string>();
  const deadline = performance.now() + giveUpMs;
  while (begun.size < count && performance.now() < deadline) {
    for (const name of namesIn(staging)) if (name.includes('.partial-')) begun.add(name);
    if (begun.size < count) await nextTurn();
  }
  return begun.size;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    // The folder may not exist yet, or not any more.
    return [];
  }
}

const outcome = async (client: TrainyardClient, id: string) => JSON.stringify(await outcomeOf(client, id));

/** It does not matter when the process has just ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The run ended before.
  }
}
