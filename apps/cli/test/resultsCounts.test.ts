import type { Facets } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { formatFacets } from '../src/format/facets.js';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService } from './support/fakeService.js';

const facets: Facets = {
  field: 'tag',
  total: 12,
  missing: 2,
  distinct: 3,
  values: [
    { value: 'night', count: 9 },
    { value: '\u001b[31mred', count: 1 },
  ],
};

it('counts of the history are asked for with its filters, and written a value a line', async () => {
  const { env, requests } = await fakeService({
    'GET /v1/results/facets'(_, response) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(facets));
    },
  });
  const { terminal, written } = captureTerminal();
  const command = ['results', '--count-by', 'tag', '--filter', 'test.accuracy > 0.5', '--limit', '2'];
  expect(await run(command, terminal, env)).toBe(0);
  const query = new URL(requests[0]?.url ?? '', 'http://x').searchParams;
  expect(Object.fromEntries(query)).toEqual({ field: 'tag', filter: 'test.accuracy > 0.5', limit: '2' });
  expect(written.out).toMatch(/night +9\n/);
  expect(written.out).toContain('12 runs, 2 without a value, 3 values: --limit shows more');
  expect(written.out).not.toContain('\u001b');
});

it('counts of nothing are a line without a table', () => {
  expect(formatFacets({ ...facets, total: 0, missing: 0, distinct: 0, values: [] })).toEqual(['0 runs']);
});

it('counts have no order, and are no CSV', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['results', '--count-by', 'tag', '--csv'], terminal, {})).toBe(2);
  expect(written.error).toContain("'--csv'");
});
