/** The steps from a clone to a built workspace. Each does nothing when its result is up to date. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Advice, binary, capture, isInstalled, root, run } from './shell.mjs';
import { ensureCompiler } from './system.mjs';

/** @param {string[]} parts */
const inRoot = (...parts) => path.join(root, ...parts);
const native = inRoot('packages/executor-native/native');

/** Installs the packages of the lock file. Install scripts are off (.npmrc). */
export async function ensurePackages() {
  if (packagesMatchTheLock()) return;
  await run('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--no-progress']);
}

/** Compares versions, not times of files: a clone or a copy changes those. */
function packagesMatchTheLock() {
  const installedFile = inRoot('node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = readLock(installedFile);
  return Object.entries(readLock(inRoot('package-lock.json'))).every(([place, locked]) => {
    const { version, link, optional } = locked;
    // Workspaces and the root are not from a registry.
    if (link || !place.includes('node_modules/')) return true;
    // Optional packages of other platforms are absent, and so are those that only they need, which name no platform.
    const absent = optional && !isForThisPlatform(locked) ? version : undefined;
    return (installed[place]?.version ?? absent) === version;
  });
}

/**
 * @typedef {{ os?: string[], cpu?: string[], libc?: string[] }} Platforms as in package.json; `!name` excludes one
 * @typedef {Platforms & { version?: string, link?: boolean, optional?: boolean }} LockedPackage
 */

/** @param {Platforms} platforms */
function isForThisPlatform({ os, cpu, libc }) {
  if (!os && !cpu && !libc) return false;
  return includes(os, process.platform) && includes(cpu, process.arch) && (!libc || includes(libc, thisLibc()));
}

/**
 * @param {string[] | undefined} names
 * @param {string} name
 */
function includes(names, name) {
  if (!names) return true;
  return !names.includes(`!${name}`) && (names.includes(name) || names.every((each) => each.startsWith('!')));
}

/** The C library, by the names that npm has for it. */
function thisLibc() {
  if (process.platform !== 'linux') return '';
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/**
 * @param {string} file a lock file of npm
 * @returns {Record<string, LockedPackage>} its packages by their place
 */
const readLock = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Builds the C++ addon when a source is newer. */
export async function ensureNative() {
  if ((await isInstalled('make')) ? (await capture('make', ['-q', '-C', native])).code === 0 : isNewerThanSources())
    return;
  await ensureCompiler();
  await run('make', ['-j2', '-C', native]);
}

/** Without make: whether the addon is there, and no source has been changed since. */
function isNewerThanSources() {
  const addon = path.join(native, 'build/trainyard_native.node');
  if (!existsSync(addon)) return false;
  const built = statSync(addon).mtimeMs;
  const sources = readdirSync(native, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(cpp|h)$/.test(file));
  return sources.every((file) => statSync(path.join(native, file)).mtimeMs <= built);
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

/** Bundles the dashboard when one of its sources, or of the packages that it uses, is newer. */
export async function ensureDashboard() {
  const built = inRoot('apps/web/dist/site/index.html');
  const parts = ['apps/web/src', 'apps/web/index.html', 'apps/web/vite.config.ts', 'package-lock.json'];
  const sources = [...parts, 'packages/client/src', 'packages/contracts/src'].flatMap((part) =>
    filesBelow(inRoot(part)),
  );
  const time = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (sources.every((file) => statSync(file).mtimeMs <= time)) return;
  await run(process.execPath, [binary('vite/bin/vite.js'), 'build'], { cwd: inRoot('apps/web') });
}

/**
 * @param {string} place a file or a folder
 * @returns {string[]}
 */
const filesBelow = (place) =>
  statSync(place).isFile()
    ? [place]
    : readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => path.join(place, name));

/**
 * Where a step failed in a checkout that this user may not change.
 * @throws {Advice} in place of the many lines of npm or of a compiler
 */
export function requireWritable() {
  const parts = ['', 'node_modules', 'packages/config/dist', 'packages/executor-native/native/build'];
  const closed = parts.map((part) => inRoot(part)).find((folder) => existsSync(folder) && !isWritable(folder));
  if (!closed) return;
  const remedy = 'let its owner run `npm run build`, or use a copy of your own.';
  throw new Advice(`This checkout is not built, and you may not write in ${closed}: ${remedy}`);
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
