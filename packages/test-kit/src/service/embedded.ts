import { TrainyardClient } from '@trainyard/client';
import { onTestFinished } from 'vitest';
import { createHome, type Home, readCredentials } from './home.js';
import { NodeProcess } from './nodeProcess.js';
import { patterns } from './patterns.js';

/** `trainyard up` on a home: embedded Postgres with the queue in it, the API and one worker, as a user runs them. */
export interface EmbeddedStack {
  up: NodeProcess;
  url: string;
  apiKey: string;
  client: TrainyardClient;
  stop(): Promise<void>;
}

export async function startEmbedded(home: Home, env: NodeJS.ProcessEnv = {}): Promise<EmbeddedStack> {
  const up = new NodeProcess('cli', ['up'], { TRAINYARD_HOME: home.folder, TRAINYARD_PORT: '0', ...env });
  await up.line(patterns.upIsReady, 60_000);
  const { url, apiKey } = await readCredentials(home.folder);
  const client = new TrainyardClient({ baseUrl: url, apiKey });
  return { up, url, apiKey, client, stop: async () => void (await up.end('SIGTERM')) };
}

/** `trainyard up` with a home of its own; stopped and removed at the end of the running test. */
export async function useEmbedded(): Promise<EmbeddedStack> {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const stack = await startEmbedded(home);
  onTestFinished(() => stack.stop());
  return stack;
}
