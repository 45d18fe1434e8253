import type { TrainyardClient } from '@trainyard/client';
import { isTerminal, type Job, type JobEvent, type JobSpecInput } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
import { stripes } from './dataset.js';
import type { NodeProcess } from './processes.js';

/** A second or two on two cores. */
export const quickSpec: JobSpecInput = {
  dataset: stripes.name,
  architecture: 'lenet',
  learningRate: 0.05,
  batchSize: 20,
  epochs: 2,
};

/** Epochs that last longer than the second between two words of progress, also on an idle machine: their middle is seen. */
export const slowSpec: JobSpecInput = {
  ...quickSpec,
  dataset: { name: stripes.name, limit: 400 },
  architecture: 'vgg6',
  learningRate: 0.01,
  epochs: 4,
};

/** Many short epochs. */
export const longSpec: JobSpecInput = { ...quickSpec, epochs: 40 };

/** The job at its end. @throws when that takes longer than `timeoutMs`. */
export async function ended(client: TrainyardClient, id: string, timeoutMs = 240_000): Promise<Job> {
  return eventually(`the end of ${id}`, async () => finished(await client.job(id)), timeoutMs);
}

const finished = (job: Job): Job | null => (isTerminal(job.state) ? job : null);

/** Waits until the job is in the middle of this epoch. */
export async function inTheMiddleOf(client: TrainyardClient, id: string, epoch: number): Promise<void> {
  await eventually(
    `epoch ${epoch} of ${id} under way`,
    async () => {
      const { state, progress } = await client.job(id);
      if (isTerminal(state)) throw new Error(`${id} ended before its epoch ${epoch} was seen`);
      return progress !== null && progress.epoch >= epoch && progress.step > 0;
    },
    60_000,
  );
}

/** Waits until the job has an epoch to lose. */
export async function firstEpochOf(client: TrainyardClient, id: string): Promise<void> {
  await eventually(`an epoch of ${id}`, async () => (await client.metrics(id)).length > 0, 60_000);
}

/** Process id of the trainer that works on the job's newest attempt, as its worker's log tells. */
export async function trainerPid(worker: NodeProcess, id: string, attempt = 1): Promise<number> {
  const line = await worker.line(new RegExp(`"jobId":"${id}","attempt":${attempt},.*"trainerPid":`));
  return (JSON.parse(line) as { trainerPid: number }).trainerPid;
}

/** Every event of a job that has ended. */
export async function eventsOf(client: TrainyardClient, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of client.events(id)) events.push(event);
  return events;
}

/** The numbers of the epochs that have a row, as they are listed. */
export const epochsOf = async (client: TrainyardClient, id: string): Promise<number[]> =>
  (await client.metrics(id)).map(({ epoch }) => epoch);

const withoutTimes = { trainSeconds: 0, validationSeconds: 0, imagesPerSecond: 0, stepMilliseconds: 0 };

/** All that a job comes to but what differs from run to run: its epochs, its test, the digests of its last weights and best. */
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
