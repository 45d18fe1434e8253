import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { grantRead, grantTraverse } from '../src/index.js';

it('lets others traverse the closed folders above a file, and reports each', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-traverse-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const inner = path.join(folder, 'inner');
  await mkdir(inner);
  await chmod(inner, 0o755);
  const lines: string[] = [];
  await grantTraverse(path.join(inner, 'file'), (line) => lines.push(line));
  expect((await stat(folder)).mode & 0o777).toBe(0o701);
  expect((await stat(inner)).mode & 0o777).toBe(0o755);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(folder);
});

it('lets others read and run what a umask has closed, and says so once', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-read-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const inner = path.join(folder, 'bin');
  await mkdir(inner, { mode: 0o700 });
  await writeFile(path.join(inner, 'program'), '', { mode: 0o700 });
  await writeFile(path.join(inner, 'data'), '', { mode: 0o600 });
  const lines: string[] = [];
  const grant = () => grantRead(folder, (line) => lines.push(line));
  await grant();
  const modeOf = async (name: string) => (await stat(path.join(folder, name))).mode & 0o777;
  expect([await modeOf('bin'), await modeOf('bin/program'), await modeOf('bin/data')]).toEqual([0o705, 0o705, 0o604]);
  await grant();
  expect(lines).toEqual([`Opened 3 files of ${folder} (o+rX): Postgres runs as the user "postgres"`]);
});
