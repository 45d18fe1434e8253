import type { Job } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

const other = jobId.replace(/.$/, 'z');
const jobIn = (id: string, state: Job['state']) =>
  json({ ...makeJob(), id, state, terminal: ['succeeded', 'failed', 'cancelled'].includes(state) });

async function wait(first: Job['state'], second: Job['state'], ...options: string[]) {
  const { env } = await fakeService({
    [`GET /v1/jobs/${jobId}`]: jobIn(jobId, first),
    [`GET /v1/jobs/${other}`]: jobIn(other, second),
  });
  const { terminal, written } = captureTerminal();
  return { code: await run(['wait', jobId, other, ...options], terminal, env), written };
}

it.each<[Job['state'], Job['state'], number]>([
  ['succeeded', 'succeeded', 0],
  ['succeeded', 'cancelled', 3],
  ['cancelled', 'failed', 1],
])('jobs that have %s and %s end the wait with %d', async (first, second, code) => {
  const waited = await wait(first, second);
  expect(waited.code).toBe(code);
  const lines = waited.written.out.trim().split('\n').toSorted();
  expect(lines).toEqual([`${jobId}  ${first}`, `${other}  ${second}`]);
});

it('the end of the time ends with 6, and what has ended by then is printed', async () => {
  const { code, written } = await wait('succeeded', 'running', '--timeout', '0.3', '--json');
  expect(code).toBe(6);
  expect(JSON.parse(written.out).data).toMatchObject([{ id: jobId, state: 'succeeded' }]);
  expect(written.error).toBe('1 of 2 jobs have not ended after 0.3 s; they go on\n');
});

it('waits until a job has ended, also while the service is away', async () => {
  let answers = 0;
  const { env } = await fakeService({
    [`GET /v1/jobs/${jobId}`](request, response) {
      answers += 1;
      if (answers === 2) response.destroy();
      else jobIn(jobId, answers < 4 ? 'running' : 'succeeded')(request, response);
    },
  });
  expect(await run(['wait', jobId], captureTerminal().terminal, env)).toBe(0);
  expect(answers).toBe(4);
});

it('a job that does not exist ends with 2', async () => {
  const { env } = await fakeService({ [`GET /v1/jobs/${jobId}`]: jobIn(jobId, 'running') });
  expect(await run(['wait', jobId, other], captureTerminal().terminal, env)).toBe(2);
});
