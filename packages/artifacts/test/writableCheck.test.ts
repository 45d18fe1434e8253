import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingError } from '@trainyard/contracts';
import { cannotMount, useSmallDisk } from '@trainyard/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { DiskArtifactStore } from '../src/index.js';

/** The message of a check, without anything that the disk's path could be part of. */
const refusal = async (root: string): Promise<string> => {
  const error = await new DiskArtifactStore(root).check().then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof SettingError)) throw new Error(`no SettingError, but ${error}`);
  expect(error.message).not.toContain(root);
  return error.message;
};

it('a store that can be written passes the check, which leaves no file behind', async () => {
  const root = await mkdtemp(join(tmpdir(), 'trainyard-store-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const store = new DiskArtifactStore(join(root, 'new', 'artifacts'));
  await store.check();
  await Promise.all([store.check(), store.check()]);
  expect(await readdir(join(root, 'new', 'artifacts'))).toEqual([]);
});

it('a store whose root is a file fails it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'trainyard-store-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'file'), '');
  expect(await refusal(join(root, 'file'))).toMatch(/^ARTIFACTS_URL .* it does not exist or is no folder/);
});

it.skipIf(cannotMount)('a disk with no byte left fails it, until there is space again', async () => {
  const disk = await useSmallDisk('1m');
  const free = await disk.fill();
  expect(await refusal(disk.folder)).toContain('no space is left on its disk (ENOSPC)');
  await free();
  await new DiskArtifactStore(disk.folder).check();
});

it.skipIf(cannotMount)('a read-only disk fails it with its true cause', async () => {
  const disk = await useSmallDisk('1m');
  disk.setReadOnly(true);
  expect(await refusal(disk.folder)).toContain('its file system is read-only (EROFS)');
  expect(await refusal(join(disk.folder, 'artifacts'))).toContain('its file system is read-only (EROFS)');
  disk.setReadOnly(false);
  await new DiskArtifactStore(join(disk.folder, 'artifacts')).check();
});
