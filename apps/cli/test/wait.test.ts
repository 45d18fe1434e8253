import type { Job } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const other = jobId.replace(/.$/, 'z');
const jobIn = (id: string, state: Job['state']) =>
  ({ ...makeJob(), id, state, terminal: ['succeeded', 'failed', 'cancelled'].includes(state) }) as Job;

/** A service whose jobs are as the rounds say, one round a request; the last round stays. */
async function wait(rounds: Job['state'][][], ...options: string[]) {
  let round = 0;
  const { env, requests } = await fakeService({
    'GET /v1/jobs'(request, response) {
      const states = rounds[Math.min(round++, rounds.length - 1)] ?? [];
      const data = states.map((state, i) => jobIn([jobId, other][i] ?? '', state));
      json({ data, nextCursor: null })(request, response);
    },
  });
  const { terminal, written } = captureTerminal();
  return { code: await run(['wait', jobId, other, ...options], terminal, env), written, requests };
}

it.each<[Job['state'], Job['state'], number]>([
  ['succeeded', 'succeeded', 0],
  ['succeeded', 'cancelled', 3],
  ['cancelled', 'failed', 1],
])('jobs that have %s and %s end the wait with %d', async (first, second, code) => {
  const waited = await wait([[first, second]]);
  expect(waited.code).toBe(code);
  const lines = waited.written.out.trim().split('\n').toSorted();
  expect(lines).toEqual([`${jobId}  ${first}`, `${other}  ${second}`]);
});

it('the end of the time ends with 6, and what has ended by then is printed', async () => {
  const { code, written } = await wait([['succeeded', 'running']], '--timeout', '0.3', '--json');
  expect(code).toBe(6);
  expect(JSON.parse(written.out).data).toMatchObject([{ id: jobId, state: 'succeeded' }]);
  expect(written.error).toBe('1 of 2 jobs have not ended after 0.3 s; they go on\n');
});

it('asks for all jobs at once', async () => {
  const { code, requests } = await wait([
    ['running', 'queued'],
    ['succeeded', 'succeeded'],
  ]);
  expect(code).toBe(0);
  const filter = (url: string) => new URL(url, 'http://x').searchParams.get('filter');
  const both = `id IN ("${jobId}","${other}")`;
  expect(requests.map(({ url }) => filter(url))).toEqual([both, both]);
});

it('waits until a job has ended, also while the service is away', async () => {
  let answers = 0;
  const { env } = await fakeService({
    'GET /v1/jobs'(request, response) {
      answers += 1;
      const data = [jobIn(jobId, answers < 3 ? 'running' : 'succeeded')];
      if (answers === 2) response.destroy();
      else json({ data, nextCursor: null })(request, response);
    },
  });
  expect(await run(['wait', jobId], captureTerminal().terminal, env)).toBe(0);
  expect(answers).toBe(3);
});

it('a job that is deleted meanwhile ends with 1, as nothing says how it had ended', async () => {
  const { code, written } = await wait([['running', 'running'], ['succeeded']]);
  expect(written.error).toContain('1 of 2 jobs were deleted meanwhile');
  expect(code).toBe(1);
});

it('a job that does not exist ends with 2', async () => {
  expect((await wait([['running']])).code).toBe(2);
});
