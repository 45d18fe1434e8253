#!/usr/bin/env node
/**
 * Trains jobs on a real service and repeats them in PyTorch, by a program that shares no code with the trainer:
 * losses and accuracies of networks that no preset has, rates at which training diverges, and the test of a downloaded
 * network.
 *
 *   npm run test:pytorch
 *   PYTHON=/usr/bin/python3 npm run test:pytorch
 *
 * PYTHON  a Python with torch, numpy and safetensors. Without it they are installed from PyPI into a temporary folder
 *         by python3 (3 GB to download on Linux, 6 GB of disk), which is removed afterwards.
 *
 * It has a command of its own because only these tests need PyTorch. Runs on the output of `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { binary, run, show } from '../../scripts/lib/shell.mjs';
import { main, step } from '../../scripts/lib/steps.mjs';

/** @param {string} folder @returns {Promise<string>} a Python that imports PyTorch */
async function install(folder) {
  console.log('installs PyTorch from PyPI; PYTHON=<a Python that has torch, numpy and safetensors> avoids that');
  await run('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin/python');
  const flags = ['install', '--quiet', '--disable-pip-version-check'];
  await step('installed PyTorch', () => run(python, ['-m', 'pip', ...flags, 'torch', 'numpy', 'safetensors']));
  return python;
}

main(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-pytorch-'));
  try {
    const python = process.env.PYTHON || (await install(folder));
    const versions = 'import sys, torch, numpy, safetensors; print(f"PyTorch {torch.__version__}, {sys.executable}")';
    console.log((await run(python, ['-c', versions])).trim());
    const config = ['--config', 'test/pytorch/vitest.config.ts', '--root', '.'];
    const env = { ...process.env, PYTHON: python };
    return await show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
