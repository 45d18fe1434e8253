import { readFileSync } from 'node:fs';
import semver from 'semver';
import { expect, test } from 'vitest';

/** The lock file's entries: where a package is installed, and what its own package.json asks of Node. */
interface LockedPackage {
  engines?: { node?: string };
  os?: string[];
  libc?: string[];
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

/** The oldest release of each supported line, and one far newer. */
const supported = ['20.19.0', '20.99.0', '22.13.0', '22.99.0', '24.0.0', '24.99.0'];

test('package.json accepts exactly the supported versions of Node', () => {
  const { node } = read('package.json').engines;
  expect(supported.filter((version) => !semver.satisfies(version, node))).toEqual([]);
  expect(['20.18.3', '21.7.0', '22.12.0', '23.11.0'].filter((version) => semver.satisfies(version, node))).toEqual([]);
});

test('npm ci warns of no engine on any supported version of Node', () => {
  const packages = Object.entries(read('package-lock.json').packages as Record<string, LockedPackage>);
  const refused = packages
    // npm installs a package for another operating system nowhere but there.
    .filter(([, { os }]) => !os || os.includes('linux') || os.includes('darwin'))
    .flatMap(([place, { engines }]) =>
      supported
        .filter((version) => engines?.node && !semver.satisfies(version, engines.node))
        .map((version) => `${place} needs Node ${engines?.node}, not ${version}`),
    );
  expect(refused).toEqual([]);
});

test('the lock file names the C library of each package that is built for one, which npm 10 leaves out', () => {
  const packages = Object.entries(read('package-lock.json').packages as Record<string, LockedPackage>);
  const built = packages.filter(([place]) => /linux.*-(musl|gnu)$/.test(place));
  expect(built.length).toBeGreaterThan(10);
  expect(built.filter(([, { libc }]) => !libc).map(([place]) => place)).toEqual([]);
});
