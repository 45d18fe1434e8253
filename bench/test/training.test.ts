import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../dist/training/main.js', import.meta.url));

/** A folder with a `python3` that imports no PyTorch, whatever this machine has. */
let emptyPython: string;
beforeAll(async () => {
  emptyPython = await mkdtemp(path.join(tmpdir(), 'trainyard-python-'));
  await writeFile(path.join(emptyPython, 'python3'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
});
afterAll(() => rm(emptyPython, { recursive: true }));

function bench(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { TRAINYARD_PYTHON: _python, ...inherited } = process.env;
  const PATH = `${emptyPython}:${process.env.PATH}`;
  return promisify(execFile)(process.execPath, [script, ...args], { env: { ...inherited, PATH, ...env } });
}

it('times steps of a preset alone when Python imports no PyTorch, and reports that', async () => {
  const short = ['--model', 'lenet', '--batch', '4', '--rounds', '2', '--seconds', '0.05'];
  const { stdout, stderr } = await bench([...short, '--json']);
  expect(stderr).toContain('NO PEER');
  const figures = JSON.parse(stdout);
  expect(figures).toMatchObject({
    model: 'lenet',
    batch: 4,
    executor: 'native',
    rounds: 2,
    peerImagesPerSecond: null,
    ratio: null,
  });
  expect((figures.imagesPerSecond * figures.msPerStep) / 4000).toBeCloseTo(1, 1);
  expect(figures.peakBytes).toBeGreaterThan(2e7);
});

it('refuses a Python that was named and imports no PyTorch', async () => {
  const TRAINYARD_PYTHON = path.join(emptyPython, 'python3');
  const stderr = expect.stringContaining(`TRAINYARD_PYTHON=${TRAINYARD_PYTHON} does not import PyTorch`);
  await expect(bench([], { TRAINYARD_PYTHON })).rejects.toMatchObject({ code: 2, stderr });
});

it('names a wrong option and ends with 2', async () => {
  await expect(bench(['--mode', 'best'])).rejects.toMatchObject({
    code: 2,
    stderr: '--mode best: resident or article\n',
  });
});
