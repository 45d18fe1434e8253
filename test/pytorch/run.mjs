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
import { runLongTests, withPython } from '../../scripts/lib/python.mjs';
import { run } from '../../scripts/lib/shell.mjs';
import { main } from '../../scripts/lib/steps.mjs';

const packages = ['torch', 'numpy', 'safetensors'];

main(() =>
  withPython({ title: 'PyTorch', packages, python: process.env.PYTHON }, async (python) => {
    const versions = 'import sys, torch, numpy, safetensors; print(f"PyTorch {torch.__version__}, {sys.executable}")';
    console.log((await run(python, ['-c', versions])).trim());
    return runLongTests('test/pytorch', { PYTHON: python });
  }),
);
