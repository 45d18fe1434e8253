import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileLock } from '@trainyard/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHome } from '../src/homeLock.js';

let home = '';
const data = () => path.join(home, 'postgres/data');
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'trainyard-lock-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('the lock of a home', () => {
  it('is refused to a second process, with the id of the first', async () => {
    await lockHome(home, data());
    await expect(lockHome(home, data())).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('can be taken again after it was released', async () => {
    const lock = await lockHome(home, data());
    await lock.release();
    await expect(lockHome(home, data())).resolves.toBeInstanceOf(FileLock);
  });

  it('is taken over from a dead process', async () => {
    await writeFile(path.join(home, 'up.lock'), JSON.stringify({ pid: 2 ** 30, began: '1', id: 'x' }));
    await expect(lockHome(home, data())).resolves.toBeInstanceOf(FileLock);
  });

  it('is taken over when the id of its process belongs to another process by now', async () => {
    await writeFile(path.join(home, 'up.lock'), JSON.stringify({ pid: process.pid, began: '1', id: 'x' }));
    await expect(lockHome(home, data())).resolves.toBeInstanceOf(FileLock);
  });

  it('is not released by a process that has lost it', async () => {
    const lock = await lockHome(home, data());
    const other = JSON.stringify({ pid: process.pid, began: '1', id: 'other' });
    await writeFile(path.join(home, 'up.lock'), other);
    await lock.release();
    expect(await readFile(path.join(home, 'up.lock'), 'utf8')).toBe(other);
  });
});
