import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TrainyardClient } from '@trainyard/client';
import { completeJobSpecSchema } from '@trainyard/contracts';
import { openDatabase } from '@trainyard/db';
import { createTestDatabase, eventually, type TestDatabase } from '@trainyard/test-kit';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The built process, as `npm run build` leaves it. */
const serverFile = fileURLToPath(new URL('../dist/server.js', import.meta.url));

let home = '';
let database: TestDatabase;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trainyard-server-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true });
});

interface Running {
  child: ChildProcess;
  url: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const start = (env: Record<string, string> = {}) =>
  spawn(process.execPath, [serverFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      TRAINYARD_HOME: home,
      TRAINYARD_PORT: '0',
      TRAINYARD_DRAIN_SECONDS: '0',
      DATABASE_URL: database.url,
      ...env,
    },
  });

async function startReady(env: Record<string, string> = {}): Promise<Running> {
  const child = start(env);
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const { ready, url } = JSON.parse(line);
    if (!ready) continue;
    const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = await exit;
      return code;
    };
    return { child, url, stop };
  }
  throw new Error(`the server ended before it was ready:\n${log}`);
}

const credentials = async () => JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8'));
const jobs = (url: string, apiKey: string) =>
  fetch(`${url}/v1/jobs`, { headers: { authorization: `Bearer ${apiKey}` } });

describe('the API process', () => {
  it('prints its URL, writes the first key for its owner only, and exits with 0 on a signal', async () => {
    const server = await startReady();
    const { url, apiKey } = await credentials();
    expect(url).toBe(server.url);
    expect((await stat(join(home, 'credentials.json'))).mode & 0o777).toBe(0o600);
    expect((await jobs(server.url, apiKey)).status).toBe(200);
    expect((await jobs(server.url, `${apiKey}x`)).status).toBe(401);
    expect(await server.stop()).toBe(0);

    const again = await startReady();
    expect(await credentials()).toEqual({ url: again.url, apiKey });
    expect((await jobs(again.url, apiKey)).status).toBe(200);
    expect(await again.stop('SIGINT')).toBe(0);
  });

  it('answers no request before the first key is stored', async () => {
    const fresh = await createTestDatabase();
    const folder = join(home, 'fresh');
    const port = await getPort();
    const child = start({ DATABASE_URL: fresh.url, TRAINYARD_HOME: folder, TRAINYARD_PORT: String(port) });
    const answers = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    const { status } = await eventually('an answer', answers);
    const stored = await readFile(join(folder, 'credentials.json'), 'utf8').catch(() => null);
    child.kill();
    await once(child, 'exit');
    await fresh.drop();
    expect(status).toBe(200);
    expect(stored).toContain(`:${port}"`);
  });

  it('shuts down while a live stream is open', async () => {
    const server = await startReady();
    const { apiKey } = await credentials();
    const db = await openDatabase(database.url);
    const spec = completeJobSpecSchema.parse({ architecture: 'lenet', seed: 1 });
    const rest = { parameters: 62_006, datasetDigest: 'd'.repeat(64), apiKeyId: null, idempotency: null };
    const submission = { spec, architecture: 'lenet', ...rest };
    const { job } = await db.project('default').jobs.submit(submission);
    await db.close();

    const events = new TrainyardClient({ baseUrl: server.url, apiKey }).events(job.id, { giveUpAfterSeconds: 0 });
    expect((await events.next()).value).toMatchObject({ type: 'submitted' });
    expect(await server.stop()).toBe(0);
    await expect(events.next()).rejects.toThrow('cannot reach');
  });

  it('is not ready after a signal, but serves on until a balancer has seen that', async () => {
    const server = await startReady({ TRAINYARD_DRAIN_SECONDS: '4' });
    const { apiKey } = await credentials();
    const stopped = server.stop();
    const readiness = await eventually('the end of readiness', async () => {
      const answer = await fetch(`${server.url}/readyz`);
      return answer.status === 503 && ((await answer.json()) as { checks: object });
    });
    expect(readiness.checks).toMatchObject({ process: { ok: false }, database: { ok: true } });
    const answer = await jobs(server.url, apiKey);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await stopped).toBe(0);
  });

  it('finishes the request in progress when it shuts down, and accepts no other', async () => {
    const server = await startReady();
    const { apiKey } = await credentials();
    const { port } = new URL(server.url);
    const body = JSON.stringify({ layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const sending = request({ port, method: 'POST', path: '/v1/architectures/describe', headers });
    const answered = once(sending, 'response');
    sending.write(body.slice(0, 10));
    await once(sending, 'socket');
    // A second request on another connection proves that the first was received.
    await jobs(server.url, apiKey);
    const stopped = server.stop();
    await eventually('the port to close', () =>
      jobs(server.url, apiKey).then(
        () => false,
        () => true,
      ),
    );
    sending.end(body.slice(10));
    const [answer] = await answered;
    expect(answer.statusCode).toBe(200);
    answer.resume();
    expect(await stopped).toBe(0);
  });

  it.each([
    ['DATABASE_URL', { DATABASE_URL: '' }],
    ['TRAINYARD_PORT', { TRAINYARD_PORT: 'x' }],
    ['TRAINYARD_HOST', { TRAINYARD_HOST: '192.0.2.1' }],
  ])('exits with one line that names the invalid variable %s', async (variable, env) => {
    const child = start(env);
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(text).toContain(variable);
  });
});
