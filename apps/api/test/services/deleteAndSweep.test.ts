import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '#services/sweeper.js';
import { finishedJob, startJob } from '../support/jobs.js';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
let client: pg.Client;
beforeAll(async () => {
  service = await startService();
  client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await service.close();
});

const jobTables = ['attempts', 'events', 'epoch_metrics', 'checkpoints', 'test_results', 'class_results', 'outbox'];

/** How many rows the job has in all tables. */
async function rowsOf(id: string): Promise<number> {
  const counts = jobTables.map((table) => `(SELECT count(*) FROM ${table} WHERE job_id = $1)`).join(' + ');
  const { rows } = await client.query(`SELECT (SELECT count(*) FROM jobs WHERE id = $1) + ${counts} AS count`, [id]);
  return Number(rows[0].count);
}
const hasFiles = (id: string) =>
  stat(service.artifacts.folder(`jobs/${id}`)).then(
    () => true,
    () => false,
  );
const runSweep = (changes: { graceMs?: number; keepEventsDays?: number; keepCheckpointsDays?: number } = {}) =>
  sweep({
    db: service.db,
    artifacts: service.artifacts,
    logger: { info: () => {} },
    keepEventsDays: null,
    keepCheckpointsDays: null,
    ...changes,
  });
const endedDaysAgo = (id: string, days: number) =>
  client.query(`UPDATE jobs SET finished_at = now() - make_interval(days => $2) WHERE id = $1`, [id, days]);

it('deleting a finished job removes all its rows and files, and nothing of another job', async () => {
  const [id, other] = [await finishedJob(service), await finishedJob(service)];
  await service.agent.delete(`/v1/jobs/${id}`).expect(204);
  await service.agent.get(`/v1/jobs/${id}`).expect(404);
  await service.agent.delete(`/v1/jobs/${id}`).expect(404);
  expect([await rowsOf(id), await hasFiles(id)]).toEqual([0, false]);
  expect(await rowsOf(other)).toBeGreaterThan(5);
  await service.agent.get(`/v1/jobs/${other}/checkpoints/best/download`).expect(200);
});

it('deleting a queued or running job is refused with advice', async () => {
  const waiting = await submit(service);
  const { jobId: running } = await startJob(service);
  for (const id of [waiting, running]) {
    const { body } = await service.agent.delete(`/v1/jobs/${id}`).expect(409);
    expect(body.detail).toMatch(/cancel it first/);
    expect(await rowsOf(id)).toBeGreaterThan(0);
  }
});

it('the next sweep removes the files of a deletion that was killed after the rows were deleted', async () => {
  const id = await finishedJob(service);
  const program = fileURLToPath(new URL('../support/killedDeletion.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, service.databaseUrl, id], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await service.agent.get(`/v1/jobs/${id}`).expect(404);
  expect([await rowsOf(id), await hasFiles(id)]).toEqual([0, true]);
  expect(await runSweep()).toBe(true);
  expect(await hasFiles(id)).toBe(false);
});

it('a later sweep removes files that a lost worker writes after its job was deleted', async () => {
  const id = await finishedJob(service);
  await service.agent.delete(`/v1/jobs/${id}`).expect(204);
  await runSweep();
  await mkdir(service.artifacts.folder(`jobs/${id}/1-9-0`), { recursive: true });
  await runSweep();
  expect(await hasFiles(id)).toBe(false);
});

it('a sweep removes old checkpoints that are unfinished or have no row, while no attempt runs', async () => {
  const ended = await finishedJob(service);
  const { jobId: running } = await startJob(service);
  const staged: string[] = [];
  for (const id of [ended, running]) {
    const orphan = service.artifacts.folder(`jobs/${id}/1-7-0`);
    await mkdir(orphan, { recursive: true });
    await writeFile(join(orphan, 'weights.bin'), 'x');
    staged.push(await service.artifacts.newStagingFolder(id, 1));
  }
  const keysOf = async (id: string) => (await service.artifacts.keys(id)).map((key) => key.split('/')[2]).toSorted();
  await runSweep();
  expect(await keysOf(ended)).toEqual(['1-1-0', '1-2-0', '1-7-0']);
  await runSweep({ graceMs: 0 });
  expect(await keysOf(ended)).toEqual(['1-1-0', '1-2-0']);
  expect(await keysOf(running)).toEqual(['1-7-0']);
  const left = await readdir(join(service.artifacts.folder('jobs/x'), '../../staging'));
  expect([left.includes(ended), left.includes(running)]).toEqual([false, true]);
});

it('a sweep leaves files of jobs that are not in this database', async () => {
  const stranger = `job_${'0'.repeat(26)}`;
  const folder = service.artifacts.folder(`jobs/${stranger}/1-1-0`);
  await mkdir(folder, { recursive: true });
  await utimes(folder, 0, 0);
  await runSweep({ graceMs: 0 });
  expect(await hasFiles(stranger)).toBe(true);
});

it('a sweep removes epoch events, and checkpoints other than the best, after their retention', async () => {
  const [old, young] = [await finishedJob(service), await finishedJob(service)];
  await endedDaysAgo(old, 31);
  await endedDaysAgo(young, 29);
  const state = async (id: string) => ({
    checkpoints: (await service.agent.get(`/v1/jobs/${id}/checkpoints`)).body.data.map(
      (c: { best: boolean }) => c.best,
    ),
    files: (await service.artifacts.keys(id)).length,
    events: (await service.agent.get(`/v1/jobs/${id}/events`)).body.data.map((e: { type: string }) => e.type),
  });
  const before = await state(young);
  expect(await state(old)).toEqual(before);
  await runSweep({ keepEventsDays: 30, keepCheckpointsDays: 30 });
  expect(await state(young)).toEqual(before);
  expect(await state(old)).toEqual({ checkpoints: [true], files: 1, events: ['submitted', 'started', 'succeeded'] });
  await service.agent.get(`/v1/jobs/${old}/checkpoints/best/download`).expect(200);
  expect((await service.agent.get(`/v1/jobs/${old}/metrics`)).body.data).toHaveLength(2);
});

it('only one of two concurrent sweeps does the work', async () => {
  const both = await Promise.all([
    service.db.withAdvisoryLock('trainyard sweeper', () => new Promise((resolve) => setTimeout(resolve, 300))),
    new Promise((resolve) => setTimeout(resolve, 100)).then(() => runSweep()),
  ]);
  expect(both).toEqual([true, false]);
  expect(await runSweep()).toBe(true);
});
