/** The steps from a clone to a built workspace. Each does nothing when its result is up to date. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { binary, capture, root, run } from './shell.mjs';
import { ensureCompiler } from './system.mjs';

/** @param {string[]} parts */
const inRoot = (...parts) => path.join(root, ...parts);
const native = inRoot('packages/executor-native/native');

/** Installs the packages of the lock file. Install scripts are off (.npmrc). */
export async function ensurePackages() {
  if (packagesMatchTheLock()) return;
  await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress']);
}

/** Compares versions, not times of files: a clone or a copy changes those. */
function packagesMatchTheLock() {
  const installedFile = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = readLock(installedFile);
  return Object.entries(readLock(inRoot('package-lock.json'))).every(([place, { version, link, optional }]) => {
    // Workspaces and the root are not from a registry.
    if (link || !place.includes('node_modules/')) return true;
    // Optional packages of other platforms are absent.
    const absent = optional ? version : undefined;
    return (installed[place]?.version ?? absent) === version;
  });
}

/**
 * @param {string} file a lock file of npm
 * @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }>} its packages by their place
 */
const readLock = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Builds the C++ addon when a source is newer. */
export async function ensureNative() {
  if ((await capture('make', ['-q', '-C', native])).code === 0) return;
  await ensureCompiler();
  await run('make', ['-j2', '-C', native]);
}

/** Generates the Prisma client when the schema is newer. */
export async function ensureDatabaseClient() {
  const generated = inRoot('packages/db/src/postgres/generated');
  if (existsSync(generated) && statSync(generated).mtimeMs >= statSync(inRoot('prisma/schema.prisma')).mtimeMs) return;
  // Generating needs no engine, but Prisma would download one unless this names a program; any program does.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  await run('npm', ['run', '--silent', 'generate', '-w', '@trainyard/db'], { env });
}

/** Compiles TypeScript to `dist/`, incrementally. */
export const ensureCompiled = () => run(process.execPath, [binary('typescript/bin/tsc'), '-b']);
