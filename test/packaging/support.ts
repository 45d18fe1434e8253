import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '@trainyard/test-kit';

const execute = promisify(execFile);
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program. @throws Error with all that it wrote. */
export async function run(command: string, args: string[], cwd: string, env = process.env): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Builds and packs. @returns the tarballs' paths. */
export async function pack(): Promise<{ cli: string; client: string }> {
  const lines = (await run(process.execPath, ['scripts/pack.mjs'], root)).trim().split('\n');
  const [cli, client] = lines.slice(-2).map((line) => path.join(root, line));
  if (!cli || !client) throw new Error(`npm run pack printed no tarballs: ${lines.join('\n')}`);
  return { cli, client };
}

/** An empty folder outside the repository, whose name has what shells, make and URLs treat specially. */
export async function emptyFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'trainyard-packaging-'));
  const folder = path.join(parent, 'my projéct #1');
  await mkdir(folder);
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}

/** Installs a tarball with npm, as a user does; packages come from npm's cache or from the registry. */
export async function install(tarball: string, folder: string): Promise<void> {
  const flags = ['--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...flags, tarball], folder).catch((error: unknown) => {
    const hint = 'THE PACKAGING TEST NEEDS THE NPM REGISTRY, or its packages in npm’s cache, to install a tarball.';
    throw new Error(`${hint}\n${error instanceof Error ? error.message : error}`, { cause: error });
  });
}

/** A folder for PATH with Node and what runs Postgres as root, and so without make and a compiler. */
export async function pathWithNodeAlone(folder: string): Promise<string> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  await symlink(process.execPath, path.join(bin, 'node'));
  for (const program of ['id', 'useradd']) {
    const found = await run('sh', ['-c', `command -v ${program} || true`], folder);
    if (found) await symlink(found.trim(), path.join(bin, program));
  }
  return bin;
}

/** The installed command line. */
export class InstalledCli {
  readonly #script: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(
    private readonly folder: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.#script = path.join(folder, 'node_modules/.bin/trainyard');
    const home = { HOME: folder, TRAINYARD_HOME: path.join(folder, 'home'), TRAINYARD_PORT: '0' };
    this.#env = { ...home, OMP_WAIT_POLICY: 'passive', ...env };
  }

  /** Runs one command. @returns its JSON output. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await run(this.#script, ['--json', ...args], this.folder, this.#env)) as T;
  }

  /** Starts `trainyard up`; resolves when the API answers. */
  async up(): Promise<{ output: () => string; stop: () => Promise<void> }> {
    const child = spawn(this.#script, ['up'], { cwd: this.folder, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => lines.push(line));
    const output = () => lines.join('\n');
    const ready = () => {
      if (child.exitCode !== null) throw new Error(`trainyard up ended:\n${output()}`);
      return output().includes('Trainyard listens on');
    };
    // The C++ sources are compiled before.
    await eventually('the stack of an installed command line', ready, 240_000);
    return { output, stop: () => end(child) };
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
