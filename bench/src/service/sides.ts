/** The two sides: epochs in a bare loop, and the same epochs as jobs of the whole stack. */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TrainyardClient } from '@trainyard/client';
import type { Dataset, JobEvent, JobSpecInput } from '@trainyard/contracts';
import { jsonOf, scriptPath } from '../shared/children.js';
import { startService } from '../shared/service.js';
import { mean } from '../shared/statistics.js';
import { UsageError } from '../shared/usage.js';
import type { EventLoopDelay } from './eventLoop.js';

export interface WatchedService {
  client: TrainyardClient;
  stop(): Promise<void>;
  /** How late the worker's event loop was; to be called after `stop`. */
  eventLoopDelay(): EventLoopDelay;
}

/** Starts the stack, with a worker that measures its event loop and a dataset from a packed file. */
export async function startWatchedService(file: string, dataset: Dataset, threads: number): Promise<WatchedService> {
  const delayFile = join(tmpdir(), `trainyard-event-loop-${process.pid}.json`);
  const preload = new URL('eventLoop.js', import.meta.url).href;
  Object.assign(process.env, {
    NODE_OPTIONS: `--import="${preload}"`,
    TRAINYARD_BENCH_DELAY_FILE: delayFile,
    TRAINYARD_BENCH_WORKER: fileURLToPath(import.meta.resolve('@trainyard/worker/main')),
    TRAINYARD_THREADS: String(threads),
  });
  const service = await startService({ worker: true });
  delete process.env.NODE_OPTIONS;
  const folder = join(service.config.folders.datasets, dataset.name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, join(folder, `${dataset.version}.packed`));
  const client = new TrainyardClient({ baseUrl: service.url, apiKey: service.apiKey });
  const eventLoopDelay = (): EventLoopDelay => {
    const figures = JSON.parse(readFileSync(delayFile, 'utf8'));
    rmSync(delayFile);
    return figures;
  };
  return { client, stop: service.stop, eventLoopDelay };
}

/** Seconds of an epoch in the bare loop: the mean over all but the first. */
export async function bareEpoch(spec: JobSpecInput, file: string, threads: number): Promise<number> {
  const args = ['--spec', JSON.stringify(spec), '--dataset', file, '--threads', threads];
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  const script = scriptPath('bareLoop.js', import.meta.url);
  const { epochSeconds } = await jsonOf<{ epochSeconds: number[] }>(process.execPath, [script, ...args], env);
  return mean(epochSeconds.slice(1));
}

export interface JobEpoch {
  /** Of an epoch, from the first row of metrics to the last. */
  seconds: number;
  /** Of these, the seconds outside training and validation. */
  outside: number;
}

/** @throws UsageError when the job does not train all its epochs. */
export async function jobEpoch(client: TrainyardClient, spec: JobSpecInput, epochs: number): Promise<JobEpoch> {
  const { id } = await client.submit(spec);
  while (!(await client.job(id)).terminal) await sleep(500);
  const events: JobEvent[] = [];
  for await (const event of client.eventsSoFar(id)) if (event.type === 'epoch') events.push(event);
  const [first, ...rest] = events;
  const last = rest.at(-1);
  if (!first || !last || events.length !== epochs)
    throw new UsageError(`${id} ended early: ${JSON.stringify((await client.job(id)).failure)}`);
  const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000 / (epochs - 1);
  const computing = mean(rest.map(({ data }) => Number(data.trainSeconds) + Number(data.validationSeconds)));
  return { seconds, outside: seconds - computing };
}
