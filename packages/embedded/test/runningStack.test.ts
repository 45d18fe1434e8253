import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileLock, findHolder } from '@trainyard/process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stackOf, stopStack } from '../src/runningStack.js';

let home = '';
let stranger: ChildProcess;
const lock = () => path.join(home, 'up.lock');
const stop = () => stopStack({ home, postgres: path.join(home, 'postgres'), seconds: 1, print: () => {} });
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'trainyard-stop-'));
  stranger = spawn('sleep', ['600']);
});
afterEach(async () => {
  vi.restoreAllMocks();
  stranger.kill();
  await rm(home, { recursive: true });
});

it('a home without a lock, or that does not exist, has no stack', async () => {
  expect(await stop()).toBeNull();
  expect(await stackOf(path.join(home, 'absent'))).toBeNull();
});

it('a process that has got the id of a dead one is neither taken for a stack nor ended', async () => {
  const taken = await FileLock.take(lock());
  const holder = (await findHolder(lock()))?.holder;
  await taken.release();
  const kill = vi.spyOn(process, 'kill');
  for (const kernel of [true, false]) {
    // As a stack leaves it that was killed: another start time, and the kernel's lock is free.
    await writeFile(lock(), JSON.stringify({ ...holder, pid: stranger.pid, kernel }));
    expect(await stackOf(home)).toBeNull();
    expect(await stop()).toBeNull();
  }
  expect(kill).not.toHaveBeenCalled();
});

it('a process whose start only says that it runs, as on other systems, is not believed without the lock', async () => {
  const taken = await FileLock.take(lock());
  const holder = (await findHolder(lock()))?.holder;
  await taken.release();
  await writeFile(lock(), JSON.stringify({ ...holder, pid: stranger.pid, began: 'running', kernel: false }));
  expect(await stop()).toBeNull();
});

it('a holder that does not end in time is left alone', async () => {
  const taken = await FileLock.take(lock());
  vi.spyOn(process, 'kill').mockReturnValue(true);
  await expect(stop()).rejects.toThrow(`process ${process.pid} has not ended after 1 s`);
  await taken.release();
});

it('a holder in another container is named, and gets no signal', async () => {
  const taken = await FileLock.take(lock());
  const holder = (await findHolder(lock()))?.holder;
  const host = `${holder?.host.split(' ')[0]} pid:[1]`;
  await writeFile(lock(), JSON.stringify({ ...holder, host }));
  await expect(stop()).rejects.toThrow(/of another container or pid namespace .*; stop it there/);
  await taken.release();
});
