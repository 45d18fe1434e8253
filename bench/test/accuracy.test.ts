import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { addStripes } from '@trainyard/test-kit/datasets';
import { afterAll, beforeAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/accuracy/main.js', import.meta.url));

const bench = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);

let folder: string;
let dataset: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-bench-'));
  dataset = await addStripes(folder);
});
afterAll(() => rm(folder, { recursive: true }));

interface Run {
  seed: number;
  epochs: { epoch: number; seconds: number; testAccuracy: number }[];
  end: { epoch: number; testAccuracy: number };
  secondsTo: Record<string, number | null>;
}

it('reports for every seed when which accuracy on the test split was reached', async () => {
  const shortened = ['--recipe', 'lenet', '--epochs', '3', '--limit', '500', '--targets', '1,101'];
  const { stdout } = await bench('--dataset', dataset, '--seeds', '1,2', ...shortened, '--out', folder, '--json');
  const runs = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Run);
  expect(runs.map(({ seed }) => seed)).toEqual([1, 2]);
  for (const { seed, epochs, end, secondsTo } of runs) {
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs.map(({ seconds }) => seconds)).toEqual(
      epochs.map(({ seconds }) => seconds).toSorted((a, b) => a - b),
    );
    // Training tests its best weights itself; the test after that epoch must have had the same result.
    expect(epochs[end.epoch - 1]?.testAccuracy).toBe(end.testAccuracy);
    expect(secondsTo).toEqual({ 1: epochs[0]?.seconds, 101: null });
    const curve = await readFile(path.join(folder, `lenet-${seed}.csv`), 'utf8');
    expect(curve.split('\n')[0]).toContain('epoch,seconds,');
    expect(curve.trim().split('\n')).toHaveLength(4);
  }
});

it('prints every fault of a recipe and ends with 2', async () => {
  const faulty = bench('--dataset', dataset, '--recipe', 'lenet', '--epochs', '0');
  await expect(faulty).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('/epochs') });
});
