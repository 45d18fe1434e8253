#!/usr/bin/env node
/**
 * Trains every preset and ten odd architectures on a real service, downloads them in every format, and has each file
 * read by a program that is not Trainyard's: ONNX Runtime and PyTorch in Python, TensorFlow.js in Node. Each must
 * reproduce the stored test accuracy; a table has the largest differences of logits.
 *
 *   npm run test:formats
 *   PYTHON=/usr/bin/python3 npm run test:formats
 *
 * PYTHON  a Python with torch, onnx, onnxruntime, numpy and safetensors. Without it they are installed from PyPI into
 *         a temporary folder by python3 (3 GB to download on Linux, 6 GB of disk), which is removed afterwards.
 *
 * It has a command of its own because only this needs these programs. Runs on the output of `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { binary, run, show } from '../../scripts/lib/shell.mjs';
import { main, step } from '../../scripts/lib/steps.mjs';

const packages = ['torch', 'onnx', 'onnxruntime', 'numpy', 'safetensors'];

/** @param {string} folder @returns {Promise<string>} a Python that has the packages */
async function install(folder) {
  console.log(`installs ${packages.join(', ')} from PyPI; PYTHON=<a Python that has them> avoids that`);
  await run('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin/python');
  const flags = ['install', '--quiet', '--disable-pip-version-check'];
  await step('installed the readers', () => run(python, ['-m', 'pip', ...flags, ...packages]));
  return python;
}

main(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-formats-'));
  try {
    const python = process.env.PYTHON || (await install(folder));
    const versions = packages.map((name) => `print("${name}", ${name}.__version__)`).join('; ');
    console.log((await run(python, ['-c', `import ${packages.join(', ')}; ${versions}`])).trim());
    const config = ['--config', 'test/formats/vitest.config.ts', '--root', '.'];
    const env = { ...process.env, PYTHON: python };
    return await show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
