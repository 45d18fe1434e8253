import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from './buildah.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const composeFile = path.join(repository, 'docker-compose.yml');

/** The reference implementation of the compose specification, which `docker compose` itself uses; needs Go. */
const composeGo = (...args: string[]) =>
  run('go', ['run', 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2', ...args, composeFile]);

test('docker-compose.yml conforms to the compose specification', async () => {
  const project = await composeGo('-no-interpolation', '-no-normalization');
  for (const service of ['postgres', 'redis', 'api', 'worker', 'worker-gpu']) expect(project).toContain(`${service}:`);
});

test('compose refuses to start without passwords', async () => {
  const refusal = await composeGo().then(
    () => 'accepted',
    ({ message }: Error) => message,
  );
  expect(refusal).toContain('required variable POSTGRES_PASSWORD is missing a value');
  expect(refusal).toContain('required variable REDIS_PASSWORD is missing a value');
});

test('both services start scripts that the image has', async () => {
  const scripts = [...(await readFile(composeFile, 'utf8')).matchAll(/command: \["node", "(.*?)"\]/g)];
  expect(scripts.map(([, script]) => script)).toEqual(['apps/api/dist/server.js', 'apps/worker/dist/main.js']);
});
