import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './support.js';

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const read = (folder: string): Manifest => JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));

const folders = ['apps', 'packages']
  .flatMap((parent) => readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`))
  .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
  .concat('bench', '.');

it('names packages of this repository by their folder, so that no program looks for them in a registry', () => {
  const places = folders.map((folder) => [read(folder).name, folder]);
  const folderOf = new Map(places as [string, string][]);
  for (const folder of folders) {
    const { dependencies, devDependencies } = read(folder);
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => folderOf.has(name));
    const byFolder = ours.map(([name]) => [name, `file:${path.relative(folder, folderOf.get(name) as string)}`]);
    expect(Object.fromEntries(ours), folder).toEqual(Object.fromEntries(byFolder));
  }
});
