import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nativeAvailability } from '@trainyard/executor-native';
import { addStripes } from '@trainyard/test-kit/datasets';
import { expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../dist/service/main.js', import.meta.url));

it.skipIf(!nativeAvailability().available)(
  'measures an epoch in a bare loop and as a job, and how late the worker was',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-bench-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const dataset = await addStripes(folder);
    const shortened = ['--recipe', 'lenet', '--limit', '500', '--epochs', '2', '--rounds', '1', '--threads', '1'];
    const args = ['--dataset', dataset, '--cache', folder, ...shortened, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
    const { bareSeconds, jobSeconds, overhead, eventLoop } = JSON.parse(stdout);
    expect(bareSeconds).toBeGreaterThan(0);
    expect(overhead).toBeCloseTo(jobSeconds / bareSeconds - 1, 6);
    expect(eventLoop.samples).toBeGreaterThan(0);
    expect(eventLoop.p99).toBeGreaterThanOrEqual(eventLoop.p50);
  },
);
