import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHome } from '../../src/up/lock.js';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'trainyard-lock-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('the lock of a home', () => {
  it('is refused to a second holder, with the first one named', async () => {
    await lockHome(home);
    await expect(lockHome(home)).rejects.toThrow(`in use by process ${process.pid}`);
  });

  it('can be taken again when it was let go', async () => {
    const unlock = await lockHome(home);
    await unlock();
    await expect(lockHome(home)).resolves.toBeTypeOf('function');
  });

  it('counts for nothing when its process is dead', async () => {
    await writeFile(path.join(home, 'up.lock'), JSON.stringify({ pid: 2 ** 30, began: '1', id: 'x' }));
    await expect(lockHome(home)).resolves.toBeTypeOf('function');
  });

  it('counts for nothing when its number is another process’s by now', async () => {
    await writeFile(path.join(home, 'up.lock'), JSON.stringify({ pid: process.pid, began: '1', id: 'x' }));
    await expect(lockHome(home)).resolves.toBeTypeOf('function');
  });

  it('is not let go by a holder that has lost it', async () => {
    const unlock = await lockHome(home);
    const other = JSON.stringify({ pid: process.pid, began: '1', id: 'other' });
    await writeFile(path.join(home, 'up.lock'), other);
    await unlock();
    expect(await readFile(path.join(home, 'up.lock'), 'utf8')).toBe(other);
  });
});
