import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainyardClient } from '@trainyard/client';
import { expect, it } from 'vitest';
import { run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { useFuzzedService } from './support/fuzzedService.js';
import { installPython, withPrograms } from './support/tools.js';

/** `npm run test:clients -- --fuzz 300 --seed 7` sets these. */
const { TRAINYARD_FUZZ_SECONDS: seconds = '300', TRAINYARD_FUZZ_SEED: seed = '1' } = process.env;

it.skipIf(seconds === '0')(`Schemathesis finds no fault in ${seconds} s, seed ${seed}`, async () => {
  const stack = await useFuzzedService();
  const folder = await useFolder(stack);
  const programs = await installPython(folder, ['schemathesis==4.32.5']);
  for (const name of ['hooks.py', 'schemathesis.toml']) {
    await copyFile(fileURLToPath(new URL(`schemathesis/${name}`, import.meta.url)), path.join(folder, name));
  }
  // The check takes a form of POST /v1/datasets for the dataset, which its import makes later or not at all.
  const except = ['--exclude-checks', 'ensure_resource_availability'];
  const all = ['--checks', 'all', ...except, '--phases', 'examples,coverage,fuzzing,stateful', '--mode', 'all'];
  const target = ['--url', stack.url, '--header', `Authorization: Bearer ${stack.apiKey}`];
  const limits = ['--max-time', seconds, '--seed', seed];
  const jobs = await submitJobs(stack.client);
  const env = withPrograms(programs, { PYTHONPATH: folder, TRAINYARD_FUZZ_JOBS: jobs.join(',') });
  const args = ['run', 'openapi.json', ...target, ...all, ...limits, '--no-color'];
  const report = run(path.join(programs, 'schemathesis'), args, folder, env);
  console.log(await report.finally(async () => console.log((await stack.errors()).join('\n'))));
  // Those that were to last as long as the requests.
  for await (const { id } of stack.client.allJobs({ state: ['queued', 'running', 'paused'] }))
    if (jobs.includes(id)) await stack.client.cancel(id);
  for await (const { id } of stack.client.allJobs({ state: ['queued', 'running'] })) await stack.client.waitForJob(id);
  const { data: ended } = await stack.client.jobs({ state: ['succeeded'], limit: 200 });
  const drawn = ended.filter(({ id }) => !jobs.includes(id));
  console.log(`${drawn.length} of the drawn jobs were accepted and trained`);
  expect(drawn.length).toBeGreaterThan(0);
});

/** @returns the ids of some jobs that have ended and some that run on, for the requests that need one. */
async function submitJobs(client: TrainyardClient): Promise<string[]> {
  const ids: string[] = [];
  for (const epochs of [1, 2, 1_000, 1_000]) {
    const { id } = await client.submit({ architecture: 'lenet', learningRate: 0.01, batchSize: 20, epochs });
    if (epochs < 1_000) await client.waitForJob(id);
    ids.push(id);
  }
  return ids;
}
