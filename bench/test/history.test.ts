import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/history/main.js', import.meta.url));

it('searches and exports a history, and says that no Python has read it back', { timeout: 180_000 }, async () => {
  const { TRAINYARD_PYTHON: _, ...env } = process.env;
  const args = [script, '--jobs', '100', '--seconds', '0.2'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toContain('100 jobs, 90 of them tested, 3000 epochs');
  const searches = stdout.match(/^(filter|jobs:|sort|facets) .*$/gm) ?? [];
  expect(searches.length).toBe(18);
  for (const line of searches) expect(line).toMatch(/ 0$/);
  for (const format of ['csv', 'ndjson', 'parquet']) expect(stdout).toMatch(new RegExp(`^${format} +\\d`, 'm'));
  expect(stdout).toContain('NOT READ BACK');
});
