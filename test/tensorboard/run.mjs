#!/usr/bin/env node
/**
 * Reads an event file that `trainyard results --format tensorboard` wrote with TensorBoard itself.
 *
 *   npm run test:tensorboard
 *   PYTHON=/usr/bin/python3 npm run test:tensorboard
 *
 * PYTHON  a Python with tensorboard. Without it, tensorboard is installed from PyPI into a temporary folder by python3
 *         (70 MB to download), which is removed afterwards.
 *
 * It has a command of its own because only this needs TensorBoard. Runs on the output of `npm run build`.
 */
import { runLongTests, withPython } from '../../scripts/lib/python.mjs';
import { main } from '../../scripts/lib/steps.mjs';

const packages = ['tensorboard', 'setuptools<81'];

main(() =>
  withPython({ title: 'TensorBoard', packages, python: process.env.PYTHON }, (PYTHON) =>
    runLongTests('test/tensorboard', { PYTHON }),
  ),
);
