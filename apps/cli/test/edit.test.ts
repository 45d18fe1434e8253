import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId, makeJob } from './support/samples.js';

it('sends what the options name, and null for what they reset', async () => {
  const { env, requests } = await fakeService({ [`PATCH /v1/jobs/${jobId}`]: json(makeJob({ priority: 7 })) });
  const { terminal, written } = captureTerminal();
  const command = ['edit', jobId, '--priority', '7', '--tag', 'a', '--tag', 'b', '--no-name', '--notes', ''];
  expect(await run(command, terminal, env)).toBe(0);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ priority: 7, tags: ['a', 'b'], name: null, notes: '' });
  expect(written.out).toContain(jobId);
});

it('refuses a command that changes nothing', async () => {
  const { env, requests } = await fakeService({});
  const { terminal, written } = captureTerminal();
  expect(await run(['edit', jobId], terminal, env)).toBe(2);
  expect(written.error).toContain('--priority');
  expect(requests).toEqual([]);
});
