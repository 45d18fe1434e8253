import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../packaging/support.js';

/** Runs one step of an installation. @throws Error that names what the machine lacks. */
async function step(what: string, command: string, args: string[], folder: string, env = process.env) {
  await run(command, args, folder, env).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`THESE TESTS NEED ${what}, WHICH COULD NOT BE INSTALLED OR RUN.\n${message}`, { cause: error });
  });
}

/** Installs packages of PyPI into an environment of their own. @returns the folder of its programs. */
export async function installPython(folder: string, packages: string[]): Promise<string> {
  const programs = path.join(folder, 'python/bin');
  await step('PYTHON 3.11 OR LATER WITH VENV', 'python3', ['-m', 'venv', 'python'], folder);
  const pip = path.join(programs, 'pip');
  const flags = ['install', '--quiet', '--disable-pip-version-check'];
  await step(`${packages.join(', ')} OF PYPI`, pip, [...flags, ...packages], folder);
  return programs;
}

/** Builds a program of a Go module. @returns its folder. */
export async function installGo(folder: string, program: string): Promise<string> {
  const programs = path.join(folder, 'bin');
  const env = { ...process.env, GOBIN: programs };
  await step(`GO 1.24 OR LATER, AND ${program}`, 'go', ['install', program], folder, env);
  return programs;
}

/** Installs packages of npm into the folder. @returns the folder of their programs. */
export async function installNpm(folder: string, packages: string[]): Promise<string> {
  await writeFile(path.join(folder, 'package.json'), '{}');
  const flags = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await step(`${packages.join(', ')} OF NPM`, 'npm', [...flags, ...packages], folder);
  return path.join(folder, 'node_modules/.bin');
}

/** An environment in which these programs are found first. */
export const withPrograms = (programs: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${programs}${path.delimiter}${process.env.PATH}`,
  ...env,
});
