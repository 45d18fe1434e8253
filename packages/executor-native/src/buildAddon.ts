import { spawn } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { cpuAddonName, findAddon, nativeSources } from './addonFile.js';

/** Builds the addon for the CPU on the machine where it is used: an installation from npm brings only its sources. */

/** As make has it: words of the shell, as in `ccache g++`. */
const compiler = (): string => process.env.CXX?.trim() || 'g++';

export const isAddonBuilt = (): boolean => findAddon(cpuAddonName) !== null;

/** @returns what the build needs and this machine lacks, as names to print; empty when the addon can be built. */
export async function missingBuildTools(): Promise<string[]> {
  const missing: string[] = [];
  if (!(await succeeds('make', ['--version']))) missing.push('make');
  if (!(await compilerSucceeds(['--version']))) return [...missing, `a C++ compiler (${compiler()})`, 'oneDNN'];
  const prefix = process.env.LIBS_ROOT;
  const include = prefix ? [`-I${prefix}/include`] : [];
  const input = '#include <dnnl.hpp>\n';
  if (!(await compilerSucceeds([...include, '-x', 'c++', '-E', '-'], input))) missing.push('oneDNN');
  return missing;
}

/**
 * Builds the addon from a copy of the sources and puts it into `folder`. The copy lets two processes build at the same
 * time, and keeps an interrupted build from leaving a half-written file.
 * @param onProgress called after each compiled file; at the end `done` equals `total`.
 * @throws Error with the compiler's messages.
 */
export async function buildAddon(folder: string, onProgress: (done: number, total: number) => void): Promise<void> {
  const copy = await mkdtemp(path.join(tmpdir(), 'trainyard-native-'));
  try {
    const isSource = (file: string) => path.relative(nativeSources, file) !== 'build';
    await cp(nativeSources, copy, { recursive: true, filter: isSource });
    await linkHeaders(path.join(copy, 'include'));
    const total = compilations(await make(copy, ['--dry-run']));
    let done = 0;
    await make(copy, [`--jobs=${availableParallelism()}`], (line) => {
      if (!isCompilation(line)) return;
      done += 1;
      onProgress(Math.min(done, total), total);
    });
    await mkdir(folder, { recursive: true });
    const partial = path.join(folder, `${cpuAddonName}.${process.pid}`);
    await copyFile(path.join(copy, 'build', cpuAddonName), partial);
    await rename(partial, path.join(folder, cpuAddonName));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const isCompilation = (line: string): boolean => / -c -o /.test(line);
const compilations = (lines: string[]): number => lines.filter(isCompilation).length;

/**
 * The sources are copied out of reach of node_modules, where the Makefile would look for these. Make gets links, as it
 * splits a path at spaces and expands a `$` in it.
 */
async function linkHeaders(folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of ['node-api-headers', 'node-addon-api']) {
    const target = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    await symlink(target, path.join(folder, name));
  }
}

/** Runs make. @returns its output, line by line. @throws Error with the output when it fails. */
async function make(cwd: string, flags: string[], onLine: (line: string) => void = () => {}): Promise<string[]> {
  const variables = ['NODE_HEADERS=include/node-api-headers/include', 'ADDON_API=include/node-addon-api'];
  const child = spawn('make', [...flags, ...variables], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      onLine(line);
    });
  }
  const code = await new Promise<number | null>((settle, reject) => {
    child.once('error', reject);
    child.once('close', settle);
  });
  if (code !== 0) throw new Error(`make failed:\n${lines.slice(-40).join('\n')}`);
  return lines;
}

const compilerSucceeds = (args: string[], input?: string): Promise<boolean> =>
  succeeds('sh', ['-c', `${compiler()} "$@"`, 'sh', ...args], input);

function succeeds(command: string, args: string[], input = ''): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
    // The program may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
