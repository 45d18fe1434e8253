import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
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
  const env = withPrograms(programs, { PYTHONPATH: folder });
  const args = ['run', 'openapi.json', ...target, ...all, ...limits, '--no-color'];
  console.log(await run(path.join(programs, 'schemathesis'), args, folder, env));
  const { data: ended } = await stack.client.jobs({ state: ['succeeded'] });
  expect(ended.length, 'jobs that were accepted and trained').toBeGreaterThan(0);
});
