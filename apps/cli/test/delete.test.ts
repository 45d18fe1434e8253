import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, problem } from './support/fakeService.js';
import { jobId } from './support/samples.js';

it('deletes a job and says so, also as data', async () => {
  const { env } = await fakeService({
    [`DELETE /v1/jobs/${jobId}`]: (_, response) => void response.writeHead(204).end(),
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['delete', jobId], terminal, env)).toBe(0);
  expect(written.out).toContain(`${jobId}  deleted`);
  const json = captureTerminal();
  expect(await run(['delete', jobId, '--json'], json.terminal, env)).toBe(0);
  expect(JSON.parse(json.written.out)).toEqual({ id: jobId, deleted: true });
});

it('says why a job that has not ended is not deleted', async () => {
  const { env } = await fakeService({ [`DELETE /v1/jobs/${jobId}`]: problem(409, 'conflict', 'cancel it first') });
  const { terminal, written } = captureTerminal();
  expect(await run(['delete', jobId], terminal, env)).toBe(2);
  expect(written.error).toBe('error: cancel it first\n');
});
