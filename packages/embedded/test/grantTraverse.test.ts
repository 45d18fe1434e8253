import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { grantTraverse } from '../src/index.js';

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
