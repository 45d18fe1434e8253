import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { createTestDatabase } from '@trainyard/test-kit';
import { createHome, NodeProcess, readCredentials, ServedStack } from '@trainyard/test-kit/service';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentsOf, queries } from './support/contents.js';
import { fillJobs } from './support/fillJobs.js';
import { type StallingProxy, stallingProxy } from './support/stallingProxy.js';

const jobs = Number(process.env.JOBS ?? 1000);
const kills = 3;

interface Side {
  stack: ServedStack;
  database: pg.Client;
  proxy: StallingProxy;
  key: string;
  url: string;
  close(): Promise<void>;
}

let there: Side;
let here: Side;
let folder: string;
let tested: string[];

async function start(): Promise<Side> {
  const { url: databaseUrl, drop } = await createTestDatabase();
  const home = await createHome();
  const stack = await ServedStack.start(home, { postgres: { url: databaseUrl } });
  const { url, apiKey: key } = await readCredentials(home.folder);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const proxy = await stallingProxy(url);
  const close = async () => {
    await proxy.close();
    await database.end();
    await stack.stop();
    await drop();
    await home.remove();
  };
  return { stack, database, proxy, key, url, close };
}

beforeAll(async () => {
  there = await start();
  here = await start();
  const artifacts = new DiskArtifactStore(path.join(there.stack.home.folder, 'artifacts'));
  tested = await fillJobs(there.database, artifacts, jobs);
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'trainyard-leave-')), 'export');
});
afterAll(async () => {
  await there?.close();
  await here?.close();
  await rm(path.dirname(folder), { recursive: true, force: true });
});

/** Largest memory of a process so far, in MB. */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Runs a command of the command line, killed so many times at requests in its middle, and then to its end. */
async function killedAndDone(side: Side, words: string[], every: number): Promise<void> {
  const env = { TRAINYARD_URL: side.proxy.url, TRAINYARD_API_KEY: side.key, TRAINYARD_HOME: '/nonexistent' };
  const begin = performance.now();
  let peak = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const stalled = side.proxy.stallAfter(every);
    const command = new NodeProcess('cli', words, env);
    await Promise.race([stalled, command.exited]);
    expect(command.ended, command.lines.join('\n')).toBe(false);
    peak = Math.max(peak, peakOf(command.pid));
    expect(await command.end('SIGKILL')).toBe('SIGKILL');
  }
  side.proxy.stallAfter(Number.POSITIVE_INFINITY);
  const command = new NodeProcess('cli', words, env);
  expect(await command.exited, command.lines.join('\n')).toBe(0);
  const seconds = (performance.now() - begin) / 1000;
  report(`${words[0]}, killed ${kills} times after ${every} requests each`, seconds, side, peak);
  for (const line of command.lines) console.log(`  ${line}`);
}

function report(what: string, seconds: number, { stack }: Side, peak: number): void {
  const api = peakOf(stack.api.pid).toFixed(0);
  console.log(`${what}: ${seconds.toFixed(1)} s; memory at most: command ${peak.toFixed(0)} MB, API ${api} MB`);
}

async function answerOf({ url, key }: Side, query: string): Promise<string> {
  const answer = await fetch(url + query, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status, query).toBe(200);
  return (await answer.text()).replaceAll(/"imported":(null|\{[^}]*\})/g, '');
}

async function downloadDigest({ url, key }: Side, id: string): Promise<string | null> {
  const answer = await fetch(`${url}/v1/jobs/${id}/checkpoints/best/download`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${key}` },
  });
  return answer.headers.get('repr-digest');
}

it(`${jobs} jobs are exported, imported elsewhere, killed ${kills} times on each side: the same answers`, async () => {
  await killedAndDone(there, ['export', folder], jobs);
  await killedAndDone(here, ['import', folder], Math.round(jobs * 0.8));
  const contents = await contentsOf(there.database);
  expect(await contentsOf(here.database)).toEqual(contents);
  for (const [table, { rows }] of Object.entries(contents)) console.log(`  ${table}: ${rows} rows, equal`);
  const asked = queries(tested);
  for (const query of asked) expect(await answerOf(here, query), query).toBe(await answerOf(there, query));
  console.log(`${asked.length} queries have the same answers`);
  const drawn = tested.filter((_, i) => i % 45 === 0);
  for (const id of drawn) expect(await downloadDigest(here, id)).toBe(await downloadDigest(there, id));
  console.log(`${drawn.length} downloads have the same digests, and so have all ${contents.checkpoints?.rows} weights`);
});
