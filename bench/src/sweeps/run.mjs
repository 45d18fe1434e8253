#!/usr/bin/env node
/**
 * `npm run bench:sweeps`: as main.ts says, with the Optuna of TRAINYARD_PYTHON, or else with the newest of PyPI (60 MB
 * to download), which is installed into a temporary folder.
 */
import { withPython } from '../../../scripts/lib/python.mjs';
import { root, show } from '../../../scripts/lib/shell.mjs';
import { main } from '../../../scripts/lib/steps.mjs';

main(() =>
  withPython({ title: 'Optuna', packages: ['optuna'], python: process.env.TRAINYARD_PYTHON }, (python) =>
    show(process.execPath, [`${root}/bench/dist/sweeps/main.js`, ...process.argv.slice(2)], {
      env: { ...process.env, TRAINYARD_PYTHON: python },
    }),
  ),
);
