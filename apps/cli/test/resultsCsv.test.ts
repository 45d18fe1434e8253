import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService } from './support/fakeService.js';
import { jobId } from './support/samples.js';

it('the history is written as the CSV that the service answers, byte by byte', async () => {
  const csv = 'jobId,name\r\njob_1,"a, ö"\r\n';
  const { env, requests } = await fakeService({
    'GET /v1/results'(_, response) {
      response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end(csv);
    },
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['results', '--csv', '--architecture', 'cnn3'], terminal, env)).toBe(0);
  expect(Buffer.from(written.out, 'latin1').toString()).toBe(csv);
  const query = new URL(requests[0]?.url ?? '', 'http://x').searchParams;
  expect([query.get('format'), query.get('architecture')]).toEqual(['csv', 'cnn3']);
});

it('CSV of one job is refused', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['results', jobId, '--csv'], terminal, {})).toBe(2);
  expect(written.error).toContain('--csv is for the history');
});
