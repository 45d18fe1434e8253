import { chmod, chown, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHome, folderFault } from '../src/homeFolder.js';
import { prepareCluster } from '../src/postgres/cluster.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-homes-'));
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const create = (home: string) => createHome(home, path.join(home, 'postgres'));
const isRoot = process.getuid?.() === 0;
const other = 64_123;
if (!isRoot) console.warn("SKIPPED: the homes of other users; only root can make a file another user's");

describe('a home', () => {
  it('is closed to others when it is created', async () => {
    const home = path.join(folder, 'a/home');
    await create(home);
    expect((await lstat(home)).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
  });

  it('that cannot be created names the setting and why', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const home = path.join(folder, 'file/home');
    await expect(create(home)).rejects.toThrow(
      new RegExp(
        `^TRAINYARD_HOME names ${home}, but ${home} cannot be written: a part of its path is a file; or set it to`,
      ),
    );
  });

  it.skipIf(!isRoot)('of another user is refused by name, and left as it is', async () => {
    const home = path.join(folder, 'home');
    await mkdir(path.join(home, 'postgres'), { recursive: true });
    for (const file of [home, path.join(home, 'postgres')]) await chown(file, other, other);
    await chmod(home, 0o700);
    await expect(create(home)).rejects.toThrow(
      `TRAINYARD_HOME names ${home}, which belongs to the user id ${other}, not to root; start as the user id ${other}`,
    );
    expect((await lstat(home)).mode & 0o777).toBe(0o700);
  });

  it.skipIf(!isRoot)('may be an empty folder of another user, like a volume', async () => {
    await chown(folder, other, other);
    await create(folder);
  });

  it.skipIf(!isRoot)('whose database was copied without its owner is refused, and left as it is', async () => {
    const data = path.join(folder, 'private/postgres/data');
    await mkdir(data, { recursive: true });
    await chmod(path.join(folder, 'private'), 0o700);
    await expect(prepareCluster(path.dirname(data), null, () => {})).rejects.toThrow(
      /^TRAINYARD_HOME names a home whose database belongs to root, but its Postgres runs as postgres; .* chown -R /,
    );
    expect((await lstat(path.join(folder, 'private'))).mode & 0o777).toBe(0o700);
  });
});

it('a full disk is named, and a program that cannot be started is no fault of the folder', () => {
  const full = Object.assign(new Error('no space left on device'), {
    code: 'ENOSPC',
    syscall: 'write',
    path: '/h/up.lock',
  });
  expect(folderFault(full, '/h')?.message).toBe(
    'TRAINYARD_HOME names /h, but /h/up.lock cannot be written: no space is left on its disk (ENOSPC); free some; ' +
      'or set it to another folder',
  );
  expect(folderFault(Object.assign(new Error('no'), { code: 'EACCES', syscall: 'spawn x' }), '/h')).toBeNull();
});
