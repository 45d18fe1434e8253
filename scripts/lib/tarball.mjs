import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Advice, root, run } from './shell.mjs';

/*
 * Tarballs for npm. The packages of this workspace are in no registry, so each tarball carries those that it needs, in
 * its own node_modules (`bundleDependencies`). npm would bundle the whole of node_modules with them, links and binaries
 * of this platform included; so a tarball is packed from a folder that has only what belongs in it, and packages from
 * the registry are ordinary dependencies, which npm fetches at the installation.
 */

/** What a package needs beside dist/ and the files that npm always packs; by its folder. Values: source -> destination. */
const extraFiles = {
  'apps/cli': { bin: 'bin' },
  'packages/db': { '../../prisma/migrations': 'migrations' },
  'packages/executor-native': { native: 'native' },
};

/** Files below an extra folder that are not copied: C++ objects and addons of this machine. */
const excluded = new Set(['native/build']);

/** @returns every package of this workspace: name -> its folder and manifest. */
function workspacePackages() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`),
  );
  const present = folders.filter((folder) => existsSync(path.join(root, folder, 'package.json')));
  return new Map(present.map((folder) => [readManifest(folder).name, { folder, manifest: readManifest(folder) }]));
}

const readManifest = (folder) => JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));

/** @returns the packages of this workspace that `name` needs, directly or through others; without itself. */
function bundledPackages(name, packages) {
  const found = new Set([name]);
  for (const current of found) {
    const { dependencies = {} } = packages.get(current).manifest;
    for (const dependency of Object.keys(dependencies)) if (packages.has(dependency)) found.add(dependency);
  }
  found.delete(name);
  return [...found].sort();
}

/** Dependencies on the registry, of all `names` together. @throws Advice when two packages ask for different versions. */
function registryDependencies(names, packages) {
  const all = {};
  for (const name of names) {
    for (const [dependency, range] of Object.entries(packages.get(name).manifest.dependencies ?? {})) {
      if (packages.has(dependency)) continue;
      all[dependency] ??= range;
      if (all[dependency] !== range)
        throw new Advice(`${name} needs ${dependency} ${range}, another package ${all[dependency]}: use one range`);
    }
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The manifest without what only this repository has: sources, scripts, development dependencies. */
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

/** Copies what a package runs from. A file in dist/ whose source is gone is left behind by an earlier build. */
function copyPackage(folder, target, manifest) {
  const from = path.join(root, folder);
  const built = path.join(from, 'dist');
  const hasSource = (file) => {
    const relative = path.relative(built, file).replace(/\.(js|d\.ts)$/, '.ts');
    return existsSync(path.join(from, 'src', relative));
  };
  mkdirSync(target, { recursive: true });
  cpSync(built, path.join(target, 'dist'), { recursive: true, filter: hasSource });
  for (const [source, destination] of Object.entries(extraFiles[folder] ?? {})) {
    const filter = (file) => !excluded.has(path.relative(from, file));
    cpSync(path.join(from, source), path.join(target, destination), { recursive: true, filter });
  }
  if (existsSync(path.join(from, 'README.md'))) cpSync(path.join(from, 'README.md'), path.join(target, 'README.md'));
  cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Packs a package of this workspace, which has to be built.
 * @returns the tarball's path, in `packed/`.
 */
export async function packTarball(name) {
  const packages = workspacePackages();
  const bundled = bundledPackages(name, packages);
  const staging = path.join(root, 'packed', name.replace('@trainyard/', ''));
  rmSync(staging, { recursive: true, force: true });
  const { folder, manifest } = packages.get(name);
  const workspace = Object.fromEntries(bundled.map((other) => [other, packages.get(other).manifest.version]));
  const workspaceRoot = readManifest('.');
  copyPackage(folder, staging, {
    ...publicManifest(manifest),
    version: workspaceRoot.version,
    engines: workspaceRoot.engines,
    dependencies: { ...workspace, ...registryDependencies([name, ...bundled], packages) },
    bundleDependencies: bundled,
  });
  for (const other of bundled) {
    const { folder: source, manifest: its } = packages.get(other);
    copyPackage(source, path.join(staging, 'node_modules', other), publicManifest(its));
  }
  const output = await run('npm', ['pack', '--silent', '--pack-destination', path.dirname(staging)], { cwd: staging });
  return path.join(path.dirname(staging), output.trim().split('\n').at(-1));
}
