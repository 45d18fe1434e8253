import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replaceFile, syncFolder } from '@trainyard/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('replacing a file', () => {
  it('creates it, and replaces it later, with nothing left beside it', async () => {
    const file = path.join(folder, 'a.json');
    for (const text of ['first', 'second']) {
      await replaceFile(file, (handle) => handle.writeFile(text));
      expect(await readFile(file, 'utf8')).toBe(text);
    }
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('keeps the old content when writing fails, with nothing left beside it', async () => {
    const file = path.join(folder, 'a.json');
    await writeFile(file, 'old');
    const failing = replaceFile(file, async (handle) => {
      await handle.writeFile('half');
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('sets the requested permissions', async () => {
    const file = path.join(folder, 'key.json');
    await writeFile(file, 'old', { mode: 0o644 });
    await replaceFile(file, (handle) => handle.writeFile('secret'), 0o600);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('syncing a folder', () => {
  it('fails for a folder that is missing', async () => {
    await expect(syncFolder(folder)).resolves.toBeUndefined();
    await expect(syncFolder(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
  });
});
