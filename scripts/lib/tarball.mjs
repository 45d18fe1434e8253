import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Advice, root, run } from './shell.mjs';

/*
 * Tarballs for npm. The packages of this workspace are in no registry, so each tarball carries those that it needs, in
 * its own node_modules (`bundleDependencies`). npm would bundle the whole of node_modules with them, links and binaries
 * of this platform included; so a tarball is packed from a folder that has only what belongs in it, and packages from
 * the registry are ordinary dependencies, which npm fetches at the installation.
 */

/**
 * @typedef {object} Manifest a package.json
 * @property {string} name
 * @property {string} [version]
 * @property {boolean} [private]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string | Record<string, string>>} [exports]
 * @property {Record<string, string>} [engines]
 */

/** @typedef {Map<string, { folder: string, manifest: Manifest }>} Packages the workspace's packages by name */

/**
 * What a package needs beside dist/ and the files that npm always packs; by its folder. Values: source -> destination.
 * @type {Record<string, Record<string, string>>}
 */
const extraFiles = {
  'apps/cli': { bin: 'bin' },
  'packages/db': { '../../prisma/migrations': 'migrations' },
  'packages/executor-native': { native: 'native' },
};

/** Files below an extra folder that are not copied: C++ objects and addons of this machine. */
const excluded = new Set(['native/build']);

/** @returns {Packages} */
function workspacePackages() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`),
  );
  const present = folders.filter((folder) => existsSync(path.join(root, folder, 'package.json')));
  const packages = present.map((folder) => ({ folder, manifest: readManifest(folder) }));
  return new Map(packages.map((each) => [each.manifest.name, each]));
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
const readManifest = (folder) => JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));

/**
 * @param {Packages} packages
 * @param {string} name
 * @returns its folder and manifest
 */
function lookUp(packages, name) {
  const found = packages.get(name);
  if (!found) throw new Advice(`this workspace has no package ${name}`);
  return found;
}

/**
 * @param {string} name
 * @param {Packages} packages
 * @returns {string[]} the packages of this workspace that `name` needs, directly or through others; without itself
 */
function bundledPackages(name, packages) {
  const found = new Set([name]);
  for (const current of found) {
    const { dependencies = {} } = lookUp(packages, current).manifest;
    for (const dependency of Object.keys(dependencies)) if (packages.has(dependency)) found.add(dependency);
  }
  found.delete(name);
  return [...found].sort();
}

/**
 * @param {string[]} names
 * @param {Packages} packages
 * @returns {Record<string, string>} what all of them together need from the registry
 * @throws {Advice} when two packages need different versions of one package
 */
function registryDependencies(names, packages) {
  /** @type {Record<string, string>} */
  const all = {};
  for (const name of names) {
    for (const [dependency, range] of Object.entries(lookUp(packages, name).manifest.dependencies ?? {})) {
      if (packages.has(dependency)) continue;
      all[dependency] ??= range;
      if (all[dependency] !== range)
        throw new Advice(`${name} needs ${dependency} ${range}, another package ${all[dependency]}: use one range`);
    }
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The manifest without what only this repository has: sources, scripts, development dependencies.
 * @param {Manifest} manifest
 */
function publicManifest({ private: _, scripts, devDependencies, exports, ...rest }) {
  const withoutSources = Object.fromEntries(
    Object.entries(exports ?? {}).map(([name, target]) => {
      if (typeof target === 'string') return [name, target];
      const { '@trainyard/source': source, ...conditions } = target;
      return [name, conditions];
    }),
  );
  return { ...rest, exports: withoutSources };
}

/**
 * Copies what a package runs from. A file in dist/ whose source is gone was left by an earlier build.
 * @param {string} folder
 * @param {string} target
 * @param {object} manifest
 */
function copyPackage(folder, target, manifest) {
  const from = path.join(root, folder);
  const built = path.join(from, 'dist');
  const hasSource = (/** @type {string} */ file) => {
    const relative = path.relative(built, file).replace(/\.(js|d\.ts)$/, '.ts');
    return existsSync(path.join(from, 'src', relative));
  };
  mkdirSync(target, { recursive: true });
  cpSync(built, path.join(target, 'dist'), { recursive: true, filter: hasSource });
  for (const [source, destination] of Object.entries(extraFiles[folder] ?? {})) {
    const filter = (/** @type {string} */ file) => !excluded.has(path.relative(from, file));
    cpSync(path.join(from, source), path.join(target, destination), { recursive: true, filter });
  }
  if (existsSync(path.join(from, 'README.md'))) cpSync(path.join(from, 'README.md'), path.join(target, 'README.md'));
  cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Dependencies by their place in the tarball. By a version, Yarn and Bun would look for them in a registry, where they
 * are not, and where another person could register their names.
 * @param {string[]} names
 * @param {string} modules the node_modules that has them, from the package that needs them
 */
const carried = (names, modules) => Object.fromEntries(names.map((name) => [name, `file:${modules}/${name}`]));

/**
 * Packs a package of this workspace, which has to be built.
 * @param {string} name
 * @returns {Promise<string>} the tarball's path, in `packed/`
 */
export async function packTarball(name) {
  const packages = workspacePackages();
  const bundled = bundledPackages(name, packages);
  const staging = path.join(root, 'packed', name.replace('@trainyard/', ''));
  rmSync(staging, { recursive: true, force: true });
  const { folder, manifest } = lookUp(packages, name);
  const { version, engines } = readManifest('.');
  copyPackage(folder, staging, {
    ...publicManifest(manifest),
    version,
    engines,
    dependencies: { ...carried(bundled, './node_modules'), ...registryDependencies([name, ...bundled], packages) },
    bundleDependencies: bundled,
  });
  for (const other of bundled) {
    const { folder: source, manifest: its } = lookUp(packages, other);
    const needed = bundled.filter((each) => its.dependencies?.[each]);
    const dependencies = { ...carried(needed, '../..'), ...registryDependencies([other], packages) };
    copyPackage(source, path.join(staging, 'node_modules', other), { ...publicManifest(its), version, dependencies });
  }
  const output = await run('npm', ['pack', '--silent', '--pack-destination', path.dirname(staging)], { cwd: staging });
  return path.join(path.dirname(staging), output.trim().split('\n').at(-1) ?? '');
}
