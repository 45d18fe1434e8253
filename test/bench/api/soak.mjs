import { setTimeout as sleep } from 'node:timers/promises';
import { TrainyardClient } from '@trainyard/client';
import { median } from '../table.mjs';
import { datasetName, residentMb, startService } from './stack.mjs';

const spec = { architecture: 'lenet', dataset: datasetName, epochs: 1, experiment: 'soak' };
/** Jobs that wait at any time. */
const backlog = 5;
/** Of memory, over the whole time. */
const leastSamples = 100;
const sampleSeconds = 5;

/**
 * Small jobs one after the other, each read back when it has ended. Prints how the memory of API and worker went: medians over
 * each tenth of the time. What counts is from the second to the last, as the first fills caches.
 */
export async function soak({ minutes, json }) {
  const service = await startService({ worker: true });
  try {
    const client = new TrainyardClient({ baseUrl: service.url, apiKey: service.apiKey });
    const until = Date.now() + minutes * 60_000;
    const every = Math.min(sampleSeconds, (60 * minutes) / leastSamples);
    const [samples, ended] = await Promise.all([sample(service, until, every), keepBusy(client, until)]);
    for (const name of ['api', 'worker']) {
      const tenthsMb = tenthsOf(samples.map((row) => row[name])).map(median);
      const growth = tenthsMb.at(-1) / tenthsMb[1] - 1;
      const line = `${name}: ${tenthsMb.map((mb) => mb.toFixed(0)).join(', ')} MB (${(100 * growth).toFixed(1)} %)`;
      console.log(json ? JSON.stringify({ name, minutes, jobs: ended, tenthsMb, growth }) : line);
    }
    if (!json) console.log(`${ended} jobs in ${minutes} minutes`);
  } finally {
    await service.stop();
  }
}

async function sample(service, until, seconds) {
  const samples = [];
  while (Date.now() < until) {
    await sleep(seconds * 1000);
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

const tenthsOf = (samples) =>
  Array.from({ length: 10 }, (_, i) => samples.slice((i * samples.length) / 10, ((i + 1) * samples.length) / 10));
