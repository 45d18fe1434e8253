#!/usr/bin/env node
/**
 * Compares the statistics of `GET /v1/compare` with statsmodels and SciPy on 200 random cases of each.
 *
 *   npm run test:statistics
 *   PYTHON=/usr/bin/python3 npm run test:statistics
 *
 * PYTHON  a Python with statsmodels. Without it, statsmodels is installed from PyPI into a temporary folder by python3
 *         (100 MB to download), which is removed afterwards.
 *
 * `npm test` has a table of their values; this needs the packages.
 */
import { runLongTests, withPython } from '../../scripts/lib/python.mjs';
import { run } from '../../scripts/lib/shell.mjs';
import { main } from '../../scripts/lib/steps.mjs';

main(() =>
  withPython({ title: 'statsmodels', packages: ['statsmodels'], python: process.env.PYTHON }, async (python) => {
    const versions =
      'import statsmodels, scipy; print(f"statsmodels {statsmodels.__version__}, SciPy {scipy.__version__}")';
    console.log((await run(python, ['-c', versions])).trim());
    return runLongTests('test/statistics', { PYTHON: python });
  }),
);
