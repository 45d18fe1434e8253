import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
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

it('a file of the history is written whole, and neither replaces another nor stays as a part', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-results-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'history.parquet');
  let isBroken = false;
  const { env, requests } = await fakeService({
    'GET /v1/results'(_, response) {
      response.writeHead(200, { 'content-type': 'application/vnd.apache.parquet' }).write('PAR1');
      if (isBroken) setTimeout(() => response.destroy(), 50);
      else response.end('PAR1');
    },
  });
  const save = async (...options: string[]) => {
    const { terminal, written } = captureTerminal();
    const code = await run(['results', '--format', 'parquet', '--output', file, ...options], terminal, env);
    return { code, error: written.error };
  };
  expect((await save('--sort=-test.accuracy', '--columns', 'name, recall.cat')).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe('PAR1PAR1');
  const query = new URL(requests[0]?.url ?? '', 'http://x').searchParams;
  expect(Object.fromEntries(query)).toEqual({
    format: 'parquet',
    sort: '-test.accuracy',
    columns: 'name, recall.cat',
  });
  expect((await save()).error).toContain('is there already; add --force');
  isBroken = true;
  expect((await save('--force')).error).toContain('cannot reach');
  expect(await readdir(folder)).toEqual(['history.parquet']);
  expect(await readFile(file, 'utf8')).toBe('PAR1PAR1');
});

it.each([
  [['--csv'], '--csv is for the history'],
  [['--filter', 'tag = night', '--sort=name'], '--filter, --sort are for the history'],
  [['--limit', '20'], '--limit is for the history'],
])('%j with the id of a job is refused', async (options, message) => {
  const { terminal, written } = captureTerminal();
  expect(await run(['results', jobId, ...options], terminal, {})).toBe(2);
  expect(written.error).toContain(message);
});

it('a file without a format, and bytes on a terminal, are refused', async () => {
  const { terminal, written } = captureTerminal({ isTTY: true });
  expect(await run(['results', '--output', 'x'], terminal, {})).toBe(2);
  expect(written.error).toContain('--output needs --format');
  expect(await run(['results', '--columns', 'name'], terminal, {})).toBe(2);
  expect(written.error).toContain('--columns needs --format');
  expect(await run(['results', '--format', 'parquet'], terminal, {})).toBe(2);
  expect(written.error).toContain('add --output');
});

it.each([
  [jobId, '--format', 'tensorboard'],
  [jobId, 'runs'],
  ['--format', 'tensorboard'],
  [jobId, 'runs', '--format', 'tensorboard', '--wide'],
])('an event file of %s %s %s is refused', async (...args: string[]) => {
  const { terminal, written } = captureTerminal();
  expect(await run(['results', ...args], terminal, {})).toBe(2);
  expect(written.error).toMatch(/needs a folder: trainyard results|--wide is for the history/);
});
