import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeProcess } from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../apps/api/test/support/jobs.js';
import { digestOf, predictionsOf, testedJob } from '../../apps/api/test/support/predictions.js';
import { listen, type Service, startService, submit } from '../../apps/api/test/support/service.js';
import { run } from '../../apps/cli/src/run.js';
import { captureTerminal } from '../../apps/cli/test/support/captureTerminal.js';
import { type StallingProxy, stallingProxy } from './support/stallingProxy.js';

interface Side {
  service: Service;
  proxy: StallingProxy;
  env: NodeJS.ProcessEnv;
}

let there: Side;
let here: Side;
let folder: string;
let jobs: string[];

async function start(): Promise<Side> {
  const service = await startService();
  const proxy = await stallingProxy(`http://127.0.0.1:${await listen(service)}`);
  const env = { TRAINYARD_URL: proxy.url, TRAINYARD_API_KEY: service.admin.secret, TRAINYARD_HOME: '/nonexistent' };
  return { service, proxy, env };
}

beforeAll(async () => {
  [there, here] = await Promise.all([start(), start()]);
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'trainyard-leave-')), 'export');
  const { service } = there;
  jobs = [await finishedJob(service, { tags: ['night'], experiment: 'cifar' }), await finishedJob(service)];
  jobs.push(
    await testedJob(
      service,
      predictionsOf(await digestOf(service), (image) => image % 3),
    ),
  );
  jobs.push(await submit(service));
  await service.project.jobs.cancel(jobs[3] as string);
  await submit(service);
  const champion = { jobId: jobs[0], checkpoint: '1' };
  await service.agent.put('/v1/experiments/cifar/aliases/champion').send(champion).expect(200);
});
afterAll(async () => {
  await Promise.all([there, here].map(({ proxy }) => proxy.close()));
  await Promise.all([there, here].map(({ service }) => service.close()));
  await rm(path.dirname(folder), { recursive: true, force: true });
});

/** Runs the command in a process of its own, which is killed while its n-th request has no answer. */
async function killedAt(requests: number, { proxy, env }: Side, words: string[]): Promise<void> {
  const stalled = proxy.stallAfter(requests);
  const process = new NodeProcess('cli', words, env);
  await Promise.race([stalled, process.exited]);
  expect(process.ended, process.lines.join('\n')).toBe(false);
  expect(await process.end('SIGKILL')).toBe('SIGKILL');
  proxy.stallAfter(Number.POSITIVE_INFINITY);
}

async function command({ env }: Side, words: string[]) {
  const { terminal, written } = captureTerminal();
  const code = await run([...words, '--json'], terminal, env);
  return { code, error: written.error, answer: written.out === '' ? null : JSON.parse(written.out) };
}

async function answersOf({ service: { agent } }: Side) {
  const paths = jobs.flatMap((id) =>
    ['', '/metrics', '/results', '/events', '/predictions', '/checkpoints'].map((end) => `/v1/jobs/${id}${end}`),
  );
  paths.push('/v1/results?sort=-test.accuracy', '/v1/experiments/cifar/aliases/champion');
  paths.push(`/v1/compare?jobs=${jobs.slice(0, 2)}`, '/v1/jobs?filter=tag : night');
  const all = await Promise.all(paths.map((each) => agent.get(each)));
  const imported = /"imported":(null|\{[^}]*\})|"requestId":"[^"]*"/g;
  return all.map(({ status, text }, i) => `${paths[i]} ${status} ${text.replaceAll(imported, '')}`);
}

describe('a project', () => {
  it('is exported, killed in its middle and run again, without what it had already', async () => {
    await killedAt(12, there, ['export', folder]);
    expect(await command(here, ['import', folder])).toMatchObject({ code: 2, error: expect.stringContaining('again') });
    const { code, answer, error } = await command(there, ['export', folder]);
    expect(error).toContain('1 job left out, not ended yet');
    expect(code).toBe(0);
    expect(answer).toMatchObject({ jobs: 4, unfinished: 1, damaged: [] });
    const again = there.proxy.seen.filter((line) => line.includes('/files/'));
    expect(again.length).toBeLessThan(16);
    expect(again.length).toBeGreaterThan(0);
    expect(await command(there, ['export', folder, '--verify'])).toMatchObject({ code: 0, answer: { jobs: 4 } });
    expect((await readdir(folder, { recursive: true })).filter((name) => name.includes('part-'))).toEqual([]);
  });

  it('that is damaged is refused with both digests, before anything is sent', async () => {
    const file = path.join(folder, 'tables/events/000001.parquet');
    const bytes = await readFile(file);
    const flipped = Buffer.from(bytes);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    await writeFile(file, flipped);
    const [got, expected] = [flipped, bytes].map((each) => createHash('sha256').update(each).digest('hex'));
    here.proxy.seen.length = 0;
    const { code, error } = await command(here, ['import', folder]);
    expect(code).toBe(2);
    expect(error).toContain('tables/events/000001.parquet is damaged');
    expect(error).toContain(`the SHA-256 ${got} instead of`);
    expect(error).toContain(`with ${expected}`);
    expect(here.proxy.seen).toEqual([]);
    await writeFile(file, bytes);
  });

  it('is imported, killed in its middle and run again, with the same answers', async () => {
    await killedAt(8, here, ['import', folder]);
    const { code, answer } = await command(here, ['import', folder]);
    expect({ code, answer }).toMatchObject({ code: 0, answer: { jobs: 4 } });
    expect(await command(here, ['import', folder])).toMatchObject({ answer: { imported: 0, unchanged: 4 } });
    expect(await answersOf(here)).toEqual(await answersOf(there));
    const { body } = await here.service.agent.get(`/v1/jobs/${jobs[0]}`);
    expect(body.imported.from).toBe(there.proxy.url);
  });

  it('has the jobs that ended since, exported into the same folder', async () => {
    const more = await finishedJob(there.service);
    expect(await command(there, ['export', folder])).toMatchObject({ code: 0, answer: { jobs: 5 } });
    expect(await command(here, ['import', folder])).toMatchObject({ answer: { imported: 1, unchanged: 4 } });
    await here.service.agent.get(`/v1/jobs/${more}/checkpoints/best/download`).expect(200);
  });
});
