import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const worker = {
  id: 'wrk_01jzzzzzzzzzzzzzzzzzzzzzzz',
  hostname: 'box',
  pid: 7,
  startedAt: '2026-11-01T10:00:00.000Z',
  heartbeatAt: '2026-11-01T10:00:00.000Z',
  alive: true,
  jobId: null,
  attempt: null,
  executor: 'native',
  device: 'cpu',
  memoryBytes: 16.4e9,
  fault: null,
};
const keyId = 'key_01jzzzzzzzzzzzzzzzzzzzzzzz';
const entry = {
  at: '2026-11-01T10:00:00.000Z',
  requestId: 'req_1',
  keyId,
  project: 'default',
  action: 'POST /v1/jobs',
  object: jobId,
  status: 202,
};

async function runWith(routes: Parameters<typeof fakeService>[0], argv: string[]) {
  const { env, requests } = await fakeService(routes);
  const { terminal, written } = captureTerminal({ isTTY: true, columns: 140 });
  expect(await run(argv, terminal, env)).toBe(0);
  return { lines: written.out.trim().split('\n'), requests };
}

it('workers are listed with their jobs and faults', async () => {
  const data = [worker, { ...worker, jobId, attempt: 1, memoryBytes: null }, { ...worker, fault: 'the disk is full' }];
  const { lines } = await runWith({ 'GET /v1/workers': json({ data, nextCursor: null }) }, ['workers']);
  expect(lines[1]).toMatch(/^wrk_\w+ +idle +box +native cpu +16\.4 GB$/);
  expect(lines[2]).toMatch(new RegExp(`^wrk_\\w+ +training +box +native cpu +${jobId}$`));
  expect(lines[4]).toBe(`${worker.id} takes no jobs: the disk is full`);
});

it('the queue is shown in a line', async () => {
  const { lines } = await runWith({ 'GET /v1/queue': json({ backend: 'redis', waiting: 3, active: 1 }) }, ['queue']);
  expect(lines).toEqual(['3 waiting, 1 running; the queue is in redis']);
});

it('the audit is filtered and goes on at a cursor', async () => {
  const argv = ['audit', '--key', keyId, '--object', jobId, '--limit', '1', '--cursor', 'c'];
  const { lines, requests } = await runWith({ 'GET /v1/audit': json({ data: [entry], nextCursor: 'n' }) }, argv);
  const query = Object.fromEntries(new URL(requests[0]?.url ?? '', 'http://x').searchParams);
  expect(query).toEqual({ keyId, object: jobId, limit: '1', cursor: 'c' });
  expect(lines[1]).toContain(`POST /v1/jobs  ${jobId}     202`);
  expect(lines.at(-1)).toBe('more: --cursor n');
});
