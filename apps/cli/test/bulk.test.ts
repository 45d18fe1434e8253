import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const answer = {
  matched: 5,
  changed: 3,
  unchanged: 1,
  refusedCount: 1,
  refused: [{ id: jobId, reason: 'it is running' }],
};

it.each([
  [['cancel', '--filter', 'state = queued', '--dry-run'], { action: 'cancel', filter: 'state = queued', dryRun: true }],
  [['retry', '--filter', 'state = failed'], { action: 'retry', filter: 'state = failed', dryRun: false }],
  [['delete', '--filter', 'tag : old'], { action: 'delete', filter: 'tag : old', dryRun: false }],
  [['tag', 'a', 'b c', '--filter', 'x'], { action: 'tag', tags: ['a', 'b c'], filter: 'x', dryRun: false }],
  [['tag', 'a', '--filter', 'x', '--remove'], { action: 'untag', tags: ['a'], filter: 'x', dryRun: false }],
])('%j sends one call for all jobs of the filter', async (command, body) => {
  const { env, requests } = await fakeService({
    'POST /v1/jobs/bulk': json({ action: body.action, dryRun: body.dryRun, ...answer }),
  });
  const { terminal, written } = captureTerminal();
  expect(await run(command, terminal, env)).toBe(0);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  expect(written.out).toMatch(/^3 jobs (would be )?(cancelled|queued again|deleted|tagged|changed), of 5 that match\n/);
  expect(written.out).toContain('1 refused:\n  it is running\n');
});

it.each([[['cancel']], [['cancel', jobId, '--filter', 'x']], [['cancel', jobId, '--dry-run']]])(
  'refuses %j, which names no job or two ways',
  async (command) => {
    const { env, requests } = await fakeService({});
    expect(await run(command, captureTerminal().terminal, env)).toBe(2);
    expect(requests).toEqual([]);
  },
);
