import { setTimeout as sleep } from 'node:timers/promises';
import { TrainyardClient } from '@trainyard/client';
import { datasetName, residentMb, startService } from './stack.mjs';

const spec = { architecture: 'lenet', dataset: datasetName, epochs: 1, experiment: 'soak' };
/** Jobs that wait at any time. */
const backlog = 5;
const sampleSeconds = 5;

/**
 * Small jobs one after the other, each read back when it has ended. Prints how the memory of API and worker went: medians over
 * the second and the last tenth of the time, as the first tenth fills caches.
 */
export async function soak({ minutes, json }) {
  const service = await startService({ worker: true });
  try {
    const client = new TrainyardClient({ baseUrl: service.url, apiKey: service.apiKey });
    const until = Date.now() + minutes * 60_000;
    const [samples, ended] = await Promise.all([sample(service, until), keepBusy(client, until)]);
    const tenth = Math.max(1, Math.floor(samples.length / 10));
    for (const name of ['api', 'worker']) {
      const of = (part) => median(part.map((row) => row[name]));
      const [early, late] = [of(samples.slice(tenth, 2 * tenth)), of(samples.slice(-tenth))];
      const result = { name, minutes, jobs: ended, earlyMb: early, lateMb: late, growth: late / early - 1 };
      const line = `${name}: ${early.toFixed(0)} MB, then ${late.toFixed(0)} MB (${(100 * result.growth).toFixed(1)} %)`;
      console.log(json ? JSON.stringify(result) : line);
    }
    if (!json) console.log(`${ended} jobs in ${minutes} minutes`);
  } finally {
    await service.stop();
  }
}

async function sample(service, until) {
  const samples = [];
  while (Date.now() < until) {
    await sleep(sampleSeconds * 1000);
    const { api, worker } = service.pids();
    samples.push({ api: residentMb(api), worker: residentMb(worker) });
  }
  return samples;
}

/** @returns how many jobs succeeded. @throws where one did not. */
async function keepBusy(client, until) {
  const waiting = [];
  let ended = 0;
  while (Date.now() < until) {
    while (waiting.length < backlog) waiting.push((await client.submit(spec)).id);
    const job = await client.job(waiting[0]);
    if (!job.terminal) await sleep(100);
    else if (job.state !== 'succeeded') throw new Error(`${job.id} ${job.state}: ${job.failure?.message}`);
    else {
      await Promise.all([client.metrics(job.id), client.results(job.id), client.history()]);
      waiting.shift();
      ended += 1;
    }
  }
  return ended;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
