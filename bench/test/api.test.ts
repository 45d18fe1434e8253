import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/api/main.js', import.meta.url));

it('loads the service, counts errors and losses, and prints the figures of each measurement', async () => {
  const args = ['--jobs', '200', '--seconds', '1', '--only', 'submit,poll,watch', '--watched', '5', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(results.map(({ name }) => name)).toEqual([
    'poll a finished job, 200',
    'poll a finished job, 304',
    'poll a waiting job, 304',
    '50 watchers of 5 jobs',
    'submit',
  ]);
  for (const result of results) expect(result).toMatchObject({ errors: 0, requests: expect.any(Number) });
  for (const { requests } of results) expect(requests).toBeGreaterThan(0);
}, 180_000);
