import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json, problem } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

it.each([
  [401, 'unauthorized', 5],
  [403, 'forbidden', 5],
  [404, 'not_found', 2],
  [409, 'conflict', 2],
  [422, 'invalid_spec', 2],
  [503, 'unavailable', 4],
  [500, 'internal', 1],
])('an answer %d %s ends with %d', async (status, code, exitCode) => {
  const { env } = await fakeService({ [`POST /v1/jobs/${jobId}/cancel`]: problem(status, code, 'because') });
  const { terminal, written } = captureTerminal();
  expect(await run(['cancel', jobId], terminal, env)).toBe(exitCode);
  expect(written.error).toBe('error: because\n');
});

it('a service that is not there ends with 4 and names its address', async () => {
  const { terminal, written } = captureTerminal();
  const env = { TRAINYARD_URL: 'http://127.0.0.1:1', TRAINYARD_API_KEY: 'x', TRAINYARD_HOME: '/nonexistent' };
  expect(await run(['list'], terminal, env)).toBe(4);
  expect(written.error).toMatch(/^error: cannot reach http:\/\/127\.0\.0\.1:1: /);
});

it('no service known ends with 4 and says how to start one', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['list'], terminal, { TRAINYARD_HOME: '/nonexistent' })).toBe(4);
  expect(written.error).toContain('trainyard up');
});

it.each([
  [['submit']],
  [['list', '--state', 'done']],
  [['submit', 'lenet', '--lr', 'fast']],
  [['download', jobId, '--checkpoint', 'newest']],
  [['fly']],
  [['describe', 'resnet']],
])('%j ends with 2', async (argv) => {
  const { terminal, written } = captureTerminal();
  expect(await run(argv, terminal, { TRAINYARD_HOME: '/nonexistent' })).toBe(2);
  expect(written.error).toMatch(/^error: /);
  expect(written.out).toBe('');
});

it('a variable that cannot be used ends with 2 and is named', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['list'], terminal, { TRAINYARD_URL: 'nowhere' })).toBe(2);
  expect(written.error).toContain('TRAINYARD_URL');
});

it('help ends with 0, lists the exit codes and fits into 80 columns', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['--help'], terminal, {})).toBe(0);
  expect(written.out).toMatch(/Exit codes:[\s\S]*3 the job was cancelled/);
  expect(written.out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('the faults of a spec are printed one a line with their pointers', async () => {
  const faults = [
    { pointer: '/learningRate', detail: 'must be greater than 0 (is -1)' },
    { pointer: '/lr', detail: 'unrecognized key "lr"' },
  ];
  const { env } = await fakeService({ 'POST /v1/jobs': problem(422, 'invalid_spec', 'the spec has 2 faults', faults) });
  const plain = captureTerminal();
  expect(await run(['submit', 'lenet', '--lr', '-1'], plain.terminal, env)).toBe(2);
  expect(plain.written.error).toBe(
    [
      'error: the spec has 2 faults',
      '  /learningRate  must be greater than 0 (is -1)',
      '  /lr            unrecognized key "lr"',
      '',
    ].join('\n'),
  );
  const asJson = captureTerminal();
  await run(['submit', 'lenet', '--json'], asJson.terminal, env);
  expect(JSON.parse(asJson.written.error)).toEqual({
    code: 'invalid_spec',
    detail: 'the spec has 2 faults',
    errors: faults,
  });
});

it('submitting sends spec, key and idempotency key, and prints the id first', async () => {
  const { env, requests } = await fakeService({
    'POST /v1/jobs': json({ ...makeJob(), chosen: ['recipe small'], warnings: ['too large'] }, 202),
  });
  const { terminal, written } = captureTerminal();
  const argv = [
    'submit',
    'lenet',
    '--lr',
    '0.01',
    '--batch-size',
    '20',
    '--set',
    'optimizer.type=adam',
    '--idempotency-key',
    'k1',
  ];
  expect(await run(argv, terminal, env)).toBe(0);
  expect(written.out.split('\n')[0]).toBe(jobId);
  expect(written.out).toContain('  recipe small\n  warning: too large\n');
  expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'idempotency-key': 'k1' });
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    architecture: 'lenet',
    learningRate: 0.01,
    batchSize: 20,
    optimizer: { type: 'adam' },
  });
});

it('the history’s filters become the query', async () => {
  const { env, requests } = await fakeService({ 'GET /v1/results': json({ data: [], nextCursor: null }) });
  const { terminal, written } = captureTerminal();
  await run(['results', '--min-accuracy', '60%', '--from', '2026-11-01', '--sort', '-accuracy'], terminal, env);
  expect(written.out).toBe('no results\n');
  const query = new URL(requests[0]?.url ?? '', 'http://x').searchParams;
  expect(Object.fromEntries(query)).toEqual({
    minAccuracy: '0.6',
    from: '2026-11-01T00:00:00.000Z',
    sort: '-accuracy',
    limit: '20',
  });
});

it('the stored key goes to its own service alone', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'home-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const own = await fakeService({ 'GET /v1/jobs': json({ data: [], nextCursor: null }) });
  const other = await fakeService({ 'GET /v1/jobs': json({ data: [], nextCursor: null }) });
  await writeFile(path.join(home, 'credentials.json'), JSON.stringify({ url: own.url, apiKey: 'stored' }));
  for (const argv of [['list'], ['list', '--url', other.url]])
    expect(await run(argv, captureTerminal().terminal, { TRAINYARD_HOME: home })).toBe(0);
  expect(own.requests[0]?.headers.authorization).toBe('Bearer stored');
  expect(other.requests[0]?.headers.authorization).toBeUndefined();
});
