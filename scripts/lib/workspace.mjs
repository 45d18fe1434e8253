import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { binary, capture, root, run } from './shell.mjs';
import { ensureCompiler } from './system.mjs';

/** What `npm install` would do on other repositories, and the build; each step does nothing when it is done already. */

const inRoot = (...parts) => path.join(root, ...parts);
const native = inRoot('packages/executor-native/native');

/** The packages of the lock file. Install scripts are off (.npmrc). */
export async function ensurePackages() {
  if (packagesMatchTheLock()) return;
  await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress']);
}

/** Versions are compared, not times: a clone or a copy sets the times as it likes. */
function packagesMatchTheLock() {
  const installedFile = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages);
  // Workspaces and the root carry no version of a registry; optional ones of other platforms are rightly absent.
  return wanted.every(
    ([place, { version, link, optional }]) =>
      link ||
      !place.includes('node_modules/') ||
      (installed[place]?.version ?? (optional ? version : null)) === version,
  );
}

/** The C++ addon, where a source is newer than it. */
export async function ensureNative() {
  if ((await capture('make', ['-q', '-C', native])).code === 0) return;
  await ensureCompiler();
  await run('make', ['-j2', '-C', native]);
}

/** The Prisma client, where the schema is newer than it. */
export async function ensureDatabaseClient() {
  const generated = inRoot('packages/db/src/postgres/generated');
  if (existsSync(generated) && statSync(generated).mtimeMs >= statSync(inRoot('prisma/schema.prisma')).mtimeMs) return;
  // Generating needs no engine, but the tool insists on finding one, and would download it: any program will do.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  await run('npm', ['run', '--silent', 'generate', '-w', '@trainyard/db'], { env });
}

/** TypeScript to `dist/`, incrementally. */
export const ensureCompiled = () => run(process.execPath, [binary('typescript/bin/tsc'), '-b']);
