import type { LogLine } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { events, fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const line = (sequence: number, message: string, level: LogLine['level'] = 'info'): LogLine => ({
  sequence,
  at: '2026-11-01T10:00:03.700Z',
  attempt: 1,
  type: 'warning',
  level,
  message,
});
const path = `GET /v1/jobs/${jobId}/logs`;

async function logs(handler: Parameters<typeof fakeService>[0][string], ...options: string[]) {
  const { env, requests } = await fakeService({ [path]: handler });
  const { terminal, written } = captureTerminal();
  expect(await run(['logs', jobId, ...options], terminal, env)).toBe(0);
  return { written, queries: requests.map(({ url }) => url.split('?')[1]), requests };
}

it('the log is printed, further lines of a message below its first, and nothing that a terminal obeys', async () => {
  const data = [line(1, 'submitted'), line(2, 'failed: it crashed:\n\u001b[31mno luck\u001b[0m', 'error')];
  const { written } = await logs(json({ data, nextCursor: null }));
  expect(written.out).toBe(
    [
      '2026-11-01 10:00:03  info     submitted',
      '2026-11-01 10:00:03  error    failed: it crashed:',
      `${' '.repeat(30)}no luck`,
      '',
    ].join('\n'),
  );
});

it('every page is read', async () => {
  const { written, queries } = await logs((request, response) => {
    const isFirst = request.url.includes('after=0');
    const page = isFirst ? { data: [line(1, 'one')], nextCursor: '1' } : { data: [line(2, 'two')], nextCursor: null };
    json(page)(request, response);
  }, '--json');
  expect(JSON.parse(written.out).data).toMatchObject([{ message: 'one' }, { message: 'two' }]);
  expect(queries).toEqual(['after=0&limit=1000', 'after=1&limit=1000']);
});

it('the last lines are followed from their end', async () => {
  const all = [line(1, 'one'), line(2, 'two'), line(3, 'three')];
  const { written, requests } = await logs(
    (request, response) => {
      if (request.headers.accept === 'text/event-stream') events(all)(request, response);
      else json({ data: all.slice(1, 2), nextCursor: null })(request, response);
    },
    '--follow',
    '--tail',
    '1',
  );
  expect(written.out.match(/\w+$/gm)).toEqual(['two', 'three']);
  expect(requests.map(({ url }) => url)).toEqual([`/v1/jobs/${jobId}/logs?tail=1`, `/v1/jobs/${jobId}/logs`]);
});

it('a count of lines that the service does not give is refused', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['logs', jobId, '--tail', '1001'], terminal, {})).toBe(2);
  expect(written.error).toContain('It must be from 1 to 1000.');
});
