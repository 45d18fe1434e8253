import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { TrainyardClient } from '@trainyard/client';
import { createTestDatabase, eventually } from '@trainyard/test-kit';
import { createHome, quickSpec, readCredentials, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

/** Starts a process of the service whose standard output and error lead to a full disk. */
function start(script: string, env: NodeJS.ProcessEnv): ChildProcess {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, TRAINYARD_THREADS: '1', ...env },
    stdio: ['ignore', full, full],
  });
  closeSync(full);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function terminate(child: ChildProcess): Promise<unknown> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const [code, signal] = await exited;
  return signal ?? code;
}

it.runIf(process.platform === 'linux')(
  'API and worker work and end as always while their logs cannot be written',
  async () => {
    const home = await createHome();
    onTestFinished(() => home.remove());
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const env = {
      TRAINYARD_HOME: home.folder,
      TRAINYARD_PORT: '0',
      TRAINYARD_DRAIN_SECONDS: '0',
      DATABASE_URL: database.url,
    };
    const api = start('apps/api/dist/server.js', env);
    const credentials = await eventually('the API', () => readCredentials(home.folder).catch(() => null), 30_000);
    const worker = start('apps/worker/dist/main.js', env);
    const client = new TrainyardClient({ baseUrl: credentials.url, apiKey: credentials.apiKey });
    const { id } = await client.submit(quickSpec);
    expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await terminate(worker)).toBe(0);
    expect(await terminate(api)).toBe(0);
  },
);
