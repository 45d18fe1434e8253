import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json, problem } from './support/fakeService.js';

const ok = { ok: true };
const routes = {
  'GET /readyz': json({ ready: true, checks: { database: ok } }),
  'GET /openapi.json': json({ info: { version: '1.2.3' } }),
  'GET /v1/workers': json({
    data: [
      { alive: true, jobId: 'job_1', fault: null },
      { alive: true, jobId: null, fault: 'the disk is full' },
      { alive: false, jobId: null, fault: null },
    ],
    nextCursor: null,
  }),
  'GET /v1/queue': json({ backend: 'redis', waiting: 3, active: 1 }),
};

async function status(changes: Partial<Record<string, (typeof routes)['GET /v1/queue']>> = {}, ...options: string[]) {
  const { env, url } = await fakeService({ ...routes, ...changes } as never);
  const { terminal, written } = captureTerminal();
  return { code: await run(['status', ...options], terminal, env), written, url };
}

it('a service that is ready is shown with its version, workers and queue', async () => {
  const { code, written, url } = await status();
  expect(code).toBe(0);
  expect(written.out.trim().split('\n')).toEqual([
    `ready  ${url}`,
    '  version  1.2.3',
    '  workers  2 workers, 1 training, 1 with a fault (trainyard workers)',
    '  queue    3 waiting, 1 running; it is in redis',
  ]);
});

it('one that is not ready ends with 1, and the checks that fail are shown', async () => {
  const checks = { database: ok, queue: { ok: false, detail: 'does not answer' } };
  const { code, written, url } = await status({ 'GET /readyz': json({ ready: false, checks }, 503) });
  expect(code).toBe(1);
  expect(written.out).toMatch(new RegExp(`^not ready  ${url}\n  queue +does not answer\n`));
});

it('without a valid key, whether it is ready is shown all the same', async () => {
  const refused = problem(401, 'unauthorized', 'the key is wrong');
  const { code, written } = await status({ 'GET /v1/workers': refused, 'GET /v1/queue': refused }, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(written.out)).toMatchObject({
    ready: true,
    version: '1.2.3',
    workers: null,
    queue: null,
    problem: 'the key is wrong',
  });
});

it('one that does not answer ends with 1', async () => {
  const { terminal, written } = captureTerminal();
  const env = { TRAINYARD_URL: 'http://127.0.0.1:9', TRAINYARD_HOME: '/nonexistent' };
  expect(await run(['status'], terminal, env)).toBe(1);
  expect(written.out).toMatch(/^down {2}http:\/\/127.0.0.1:9\n {2}problem {2}cannot reach /);
});
