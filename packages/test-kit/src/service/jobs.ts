import type { TrainyardClient } from '@trainyard/client';
import { isTerminal, type Job, type JobEvent, type JobSpecInput } from '@trainyard/contracts';
import { stripes } from '../data/stripes.js';
import { eventually } from '../eventually.js';
import type { NodeProcess } from './nodeProcess.js';

/** Trains for a second or two on two cores. */
export const quickSpec: JobSpecInput = {
  dataset: stripes.name,
  architecture: 'lenet',
  recipe: 'article',
  learningRate: 0.05,
  batchSize: 20,
  epochs: 2,
};

/** Its epochs last longer than the second between two progress messages, so that a test can see their middle. */
export const slowSpec: JobSpecInput = {
  ...quickSpec,
  dataset: { name: stripes.name, limit: 400 },
  architecture: 'vgg6',
  learningRate: 0.01,
  epochs: 4,
};

/** Many short epochs. */
export const longSpec: JobSpecInput = { ...quickSpec, epochs: 40 };

/** Returns the job when it has ended. @throws when that takes longer than `timeoutMs`. */
export async function waitForEnd(client: TrainyardClient, id: string, timeoutMs = 240_000): Promise<Job> {
  const endedJob = async () => {
    const job = await client.job(id);
    return isTerminal(job.state) && job;
  };
  return eventually(`the end of ${id}`, endedJob, timeoutMs);
}

/** Returns while the job is within this epoch or a later one. @throws when the job ends before. */
export async function waitForMiddleOfEpoch(client: TrainyardClient, id: string, epoch: number): Promise<void> {
  const isInIt = async () => {
    const { state, progress } = await client.job(id);
    if (isTerminal(state)) throw new Error(`${id} ended before its epoch ${epoch} was seen`);
    return progress !== null && progress.epoch >= epoch && progress.step > 0;
  };
  await eventually(`the middle of epoch ${epoch} of ${id}`, isInIt, 60_000);
}

/** Returns when an epoch of the job is stored. */
export async function waitForFirstEpoch(client: TrainyardClient, id: string): Promise<void> {
  await eventually(`an epoch of ${id}`, async () => (await client.metrics(id)).length > 0, 60_000);
}

/** Process id of the trainer that runs this attempt of the job, from the worker's log. */
export async function trainerPid(worker: NodeProcess, id: string, attempt = 1): Promise<number> {
  const line = await worker.line(new RegExp(`"jobId":"${id}","attempt":${attempt},.*"trainerPid":`));
  return (JSON.parse(line) as { trainerPid: number }).trainerPid;
}

/** All events of a job that has ended. */
export async function eventsOf(client: TrainyardClient, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of client.events(id)) events.push(event);
  return events;
}

/** The epochs that have a row of metrics, in the order of the list. */
export const epochsOf = async (client: TrainyardClient, id: string): Promise<number[]> =>
  (await client.metrics(id)).map(({ epoch }) => epoch);

const withoutTimes = { trainSeconds: 0, validationSeconds: 0, imagesPerSecond: 0, stepMilliseconds: 0 };

/**
 * Everything that must be equal in two runs of the same spec: epochs, test results, digests of the last and best
 * weights.
 */
export async function outcomeOf(client: TrainyardClient, id: string) {
  const [metrics, results, last, best] = await Promise.all([
    client.metrics(id),
    client.results(id),
    client.checkpoint(id, 'last'),
    client.checkpoint(id, 'best'),
  ]);
  return {
    epochs: metrics.map((row) => ({ ...row, ...withoutTimes })),
    results: { ...results, seconds: 0 },
    weights: [last, best].map(({ files }) => files.find(({ name }) => name === 'weights.bin')?.sha256),
  };
}
