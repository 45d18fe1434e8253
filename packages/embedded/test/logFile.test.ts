import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@trainyard/test-kit';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { LogFile, trimLog } from '../src/logFile.js';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-log-'));
  file = path.join(folder, 'api.log');
});
afterEach(() => rm(folder, { recursive: true }));

const sizeOf = async (name: string): Promise<number> => (await stat(name)).size;

/** A process that appends a line again and again. */
async function startWriter(): Promise<LogFile> {
  const log = await LogFile.open(file);
  const child = spawn('sh', ['-c', 'while :; do echo line; sleep 0.01; done'], { stdio: ['ignore', log.fd, log.fd] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await log.close();
  await eventually('lines', async () => (await sizeOf(file)) > 50);
  return log;
}

it('a log is moved aside while a process writes it, which goes on at its beginning', async () => {
  await writeFile(file, 'before\n');
  const log = await startWriter();
  await trimLog(file, 20);
  expect(await readFile(`${file}.1`, 'utf8')).toMatch(/^before\nline\n/);
  await eventually('more lines', async () => (await sizeOf(file)) >= 5);
  expect(await readFile(file, 'utf8')).toMatch(/^line\n/);
  expect(await log.tail(100)).toMatch(/ne\n$/);
});

it('a log is emptied where its content cannot be moved aside, as on a full disk', async () => {
  await startWriter();
  await mkdir(`${file}.1`);
  const before = await sizeOf(file);
  await trimLog(file, 20);
  expect(await sizeOf(file)).toBeLessThan(before);
});

it('a log that is small is left alone, and one that does not exist too', async () => {
  await writeFile(file, 'before\n');
  await trimLog(file);
  await trimLog(`${file}.none`);
  expect(await readFile(file, 'utf8')).toBe('before\n');
});
