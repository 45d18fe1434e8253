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
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { binary, run, show } from '../../scripts/lib/shell.mjs';
import { main, step } from '../../scripts/lib/steps.mjs';

/** @param {string} folder @returns {Promise<string>} a Python that imports statsmodels */
async function install(folder) {
  await run('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin/python');
  const flags = ['install', '--quiet', '--disable-pip-version-check'];
  await step('installed statsmodels', () => run(python, ['-m', 'pip', ...flags, 'statsmodels']));
  return python;
}

main(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-statistics-'));
  try {
    const python = process.env.PYTHON || (await install(folder));
    const versions =
      'import statsmodels, scipy; print(f"statsmodels {statsmodels.__version__}, SciPy {scipy.__version__}")';
    console.log((await run(python, ['-c', versions])).trim());
    const config = ['--config', 'test/statistics/vitest.config.ts', '--root', '.'];
    const env = { ...process.env, PYTHON: python };
    return await show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
