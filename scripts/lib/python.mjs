import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { binary, run, show } from './shell.mjs';
import { step } from './steps.mjs';

/**
 * Runs work with a Python that has packages of PyPI. Where `python` is not given, they are installed into a temporary
 * folder by python3, which is removed afterwards.
 * @template T
 * @param {{ title: string, packages: string[], python?: string | undefined }} options `title`: of what is installed
 * @param {(python: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withPython({ title, packages, python }, work) {
  if (python) return work(python);
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-python-'));
  try {
    await run('python3', ['-m', 'venv', folder]);
    const own = path.join(folder, 'bin/python');
    const flags = ['install', '--quiet', '--disable-pip-version-check'];
    await step(`installed ${title}`, () => run(own, ['-m', 'pip', ...flags, ...packages]));
    return await work(own);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the long tests of a folder, which have a configuration of their own.
 * @param {string} folder e.g. `test/mlflow`
 * @param {Record<string, string>} env what is added to the environment
 */
export const runLongTests = (folder, env) =>
  show(
    process.execPath,
    [binary('vitest/vitest.mjs'), 'run', '--config', `${folder}/vitest.config.ts`, '--root', '.'],
    {
      env: { ...process.env, ...env },
    },
  );
