import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TrainyardClient } from '@trainyard/client';
import { onTestFinished } from 'vitest';
import { type Home, makeHome } from './home.js';
import { NodeProcess } from './processes.js';

/** `trainyard up` on a home: embedded Postgres, the queue in it, the API and one worker, as a user runs it. */
export interface Embedded {
  up: NodeProcess;
  url: string;
  apiKey: string;
  client: TrainyardClient;
  stop(): Promise<void>;
}

export async function startEmbedded(home: Home, env: NodeJS.ProcessEnv = {}): Promise<Embedded> {
  const up = new NodeProcess('cli', ['up'], { TRAINYARD_HOME: home.folder, TRAINYARD_PORT: '0', ...env });
  await up.line(/listens on/, 60_000);
  const credentials = await readFile(path.join(home.folder, 'credentials.json'), 'utf8');
  const { url, apiKey } = JSON.parse(credentials) as { url: string; apiKey: string };
  const client = new TrainyardClient({ baseUrl: url, apiKey });
  return { up, url, apiKey, client, stop: async () => void (await up.end('SIGTERM')) };
}

/** `trainyard up` for the test that runs, in a home of its own; gone when the test is over. */
export async function embed(): Promise<Embedded> {
  const home = await makeHome();
  onTestFinished(() => home.remove());
  const yard = await startEmbedded(home);
  onTestFinished(() => yard.stop());
  return yard;
}
