import { setTimeout as sleep } from 'node:timers/promises';
import { TrainyardClient } from '@trainyard/client';
import { residentBytes } from '../shared/processes.js';
import { type Service, startService, tinyDataset } from '../shared/service.js';
import { median } from '../shared/statistics.js';

const spec = { architecture: 'lenet', dataset: tinyDataset, epochs: 1, experiment: 'soak' };
/** Jobs that wait at any time. */
const backlog = 5;
/** Of memory, over the whole time. */
const minSamples = 100;
const sampleSeconds = 5;

interface Sample {
  api: number;
  worker: number;
}

/**
 * Runs small jobs one after the other and reads each back when it has ended. Prints the memory of API and worker in MB:
 * medians over each tenth of the time. The first tenth fills caches, so growth is from the second to the last.
 */
export async function soak({ minutes, json }: { minutes: number; json: boolean }): Promise<void> {
  const service = await startService({ worker: true });
  try {
    const client = new TrainyardClient({ baseUrl: service.url, apiKey: service.apiKey });
    const until = Date.now() + minutes * 60_000;
    const interval = Math.min(sampleSeconds, (60 * minutes) / minSamples);
    const [samples, ended] = await Promise.all([sampleMemory(service, until, interval), runJobs(client, until)]);
    for (const name of ['api', 'worker'] as const) {
      const tenthsMb = tenthsOf(samples.map((sample) => sample[name])).map(median);
      const growth = (tenthsMb.at(-1) ?? Number.NaN) / (tenthsMb[1] ?? Number.NaN) - 1;
      const line = `${name}: ${tenthsMb.map((mb) => mb.toFixed(0)).join(', ')} MB (${(100 * growth).toFixed(1)} %)`;
      console.log(json ? JSON.stringify({ name, minutes, jobs: ended, tenthsMb, growth }) : line);
    }
    if (!json) console.log(`${ended} jobs in ${minutes} minutes`);
  } finally {
    await service.stop();
  }
}

async function sampleMemory(service: Service, until: number, seconds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const residentMb = (pid: number | null | undefined) => (residentBytes(pid) ?? Number.NaN) / 2 ** 20;
  while (Date.now() < until) {
    await sleep(seconds * 1000);
    const { api, worker } = service.pids();
    samples.push({ api: residentMb(api), worker: residentMb(worker) });
  }
  return samples;
}

/** @returns how many jobs succeeded. @throws when one did not. */
async function runJobs(client: TrainyardClient, until: number): Promise<number> {
  const waiting: string[] = [];
  let ended = 0;
  while (Date.now() < until) {
    while (waiting.length < backlog) waiting.push((await client.submit(spec)).id);
    const job = await client.job(waiting[0] as string);
    if (!job.terminal) {
      await sleep(100);
      continue;
    }
    if (job.state !== 'succeeded') throw new Error(`${job.id} ${job.state}: ${job.failure?.message}`);
    await Promise.all([client.metrics(job.id), client.results(job.id), client.history()]);
    waiting.shift();
    ended += 1;
  }
  return ended;
}

const tenthsOf = (samples: number[]): number[][] =>
  Array.from({ length: 10 }, (_, i) => samples.slice((i * samples.length) / 10, ((i + 1) * samples.length) / 10));
