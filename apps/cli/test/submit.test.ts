import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json, problem } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const created = json({ ...makeJob(), chosen: [] }, 202);
const away = problem(503, 'unavailable', 'the database is away');

it('a submission whose answer is lost is sent again with the same key, and a line says so', async () => {
  let answers = 0;
  const { env, url, requests } = await fakeService({
    'POST /v1/jobs': (request, response) => {
      if (answers++ === 0) response.destroy();
      else created(request, response);
    },
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['submit', 'lenet'], terminal, env)).toBe(0);
  expect(written.out.split('\n')[0]).toBe(jobId);
  expect(written.error).toBe(`cannot reach ${url}: other side closed; trying again in 1 s\n`);
  const [first, second] = requests.map(({ headers }) => headers['idempotency-key']);
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toBe(first);
});

it('with --json the line is JSON', async () => {
  let answers = 0;
  const { env } = await fakeService({
    'POST /v1/jobs': (request, response) => (answers++ === 0 ? away : created)(request, response),
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['submit', 'lenet', '--json'], terminal, env)).toBe(0);
  const line = { code: 'unavailable', detail: 'the database is away', retryAfterSeconds: 1 };
  expect(JSON.parse(written.error)).toEqual(line);
  expect(JSON.parse(written.out)).toMatchObject({ id: jobId });
});

it('a service that stays away ends with 4, and the key that prevents a second job is printed', async () => {
  const { env, requests } = await fakeService({ 'POST /v1/jobs': away });
  const { terminal, written } = captureTerminal();
  expect(await run(['submit', 'lenet'], terminal, env)).toBe(4);
  expect(requests).toHaveLength(5);
  const key = requests[0]?.headers['idempotency-key'];
  const lines = written.error.trim().split('\n');
  expect(lines.slice(0, 4)).toEqual([1, 2, 4, 8].map((s) => `the database is away; trying again in ${s} s`));
  expect(lines[4]).toBe(`it is not known whether the job exists; --idempotency-key ${key} prevents a second one`);
  expect(lines[5]).toBe('error: the database is away');
});
