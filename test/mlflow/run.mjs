#!/usr/bin/env node
/**
 * Reads jobs of a real service with MLflow's own Python clients, of the versions 2.22.5 and 3.17.2.
 *
 *   npm run test:mlflow
 *   PYTHON_2=<venv>/bin/python PYTHON_3=<venv>/bin/python npm run test:mlflow
 *
 * PYTHON_2, PYTHON_3  Pythons with mlflow-skinny and pandas. Without them, both are installed from PyPI into temporary
 *                     folders by python3 (100 MB to download each), which are removed afterwards.
 *
 * It has a command of its own because only this needs MLflow. Runs on the output of `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { binary, run, show } from '../../scripts/lib/shell.mjs';
import { main, step } from '../../scripts/lib/steps.mjs';

const versions = { PYTHON_2: '2.22.5', PYTHON_3: '3.17.2' };

/** @param {string} folder @param {string} version @returns {Promise<string>} a Python that imports mlflow */
async function install(folder, version) {
  await run('python3', ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin/python');
  const packages = [`mlflow-skinny==${version}`, 'pandas', 'setuptools<81'];
  const flags = ['install', '--quiet', '--disable-pip-version-check'];
  await step(`installed MLflow ${version}`, () => run(python, ['-m', 'pip', ...flags, ...packages]));
  return python;
}

main(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-mlflow-'));
  try {
    const env = { ...process.env };
    for (const [name, version] of Object.entries(versions))
      env[name] ||= await install(path.join(folder, version), version);
    const config = ['--config', 'test/mlflow/vitest.config.ts', '--root', '.'];
    return await show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
