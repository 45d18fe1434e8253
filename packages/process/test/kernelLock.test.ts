import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileLock, LockHeldError } from '@trainyard/process';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { kernelLock } from '../src/kernelLock.js';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-lock-'));
  file = path.join(folder, 'the.lock');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A search path with these programs only. */
async function onlyPrograms(...names: string[]): Promise<void> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const name of names) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    await symlink(found, path.join(bin, name));
  }
  vi.stubEnv('PATH', bin);
}

async function opened(name: string) {
  const handle = await open(name, 'a+');
  onTestFinished(() => handle.close());
  return handle.fd;
}

const programs = ['flock', 'perl'].filter((name) => spawnSync(name, ['--version']).status === 0);

describe.each(programs)('the lock of the kernel by way of %s', (program) => {
  it('is held by one open file until that is closed, and shared by those who only ask', async () => {
    await onlyPrograms(program);
    const first = await open(file, 'a+');
    expect(await kernelLock(first.fd, 'exclusive')).toBe('locked');
    const [second, third] = [await opened(file), await opened(file)];
    expect(await kernelLock(second, 'exclusive')).toBe('held');
    expect(await kernelLock(second, 'shared')).toBe('held');
    await first.close();
    expect(await kernelLock(second, 'shared')).toBe('locked');
    expect(await kernelLock(third, 'shared')).toBe('locked');
  });
});

it('is unknown without a program, and where the program cannot lock', async () => {
  await onlyPrograms();
  expect(await kernelLock(await opened(file), 'exclusive')).toBe('unknown');
  // As busybox does where the file system has no locks.
  const fake = path.join(folder, 'bin/flock');
  await writeFile(fake, '#!/bin/sh\necho "flock: Function not implemented" >&2\nexit 1\n');
  await chmod(fake, 0o755);
  expect(await kernelLock(await opened(file), 'exclusive')).toBe('unknown');
});

/** As if another process of another namespace had taken the lock. */
async function moveElsewhere(change: object = {}): Promise<void> {
  const text = await readFile(file, 'utf8');
  const holder = JSON.parse(text);
  const handle = await open(file, 'r+');
  const elsewhere = { ...holder, host: holder.host.replace(/pid:.*/, 'pid:[1]'), pid: 2 ** 30, ...change };
  await handle.truncate();
  await handle.write(JSON.stringify(elsewhere), 0);
  await handle.close();
}

const long = new Date(Date.now() - 3_600_000);
const refusal = (patient = false) => FileLock.take(file, patient).catch((error: unknown) => error);

describe.skipIf(process.platform !== 'linux')('a file lock of another namespace', () => {
  it('is held by a process that cannot be seen and has not written for an hour', async () => {
    const lock = await FileLock.take(file);
    onTestFinished(() => lock.release());
    await moveElsewhere();
    await utimes(file, long, long);
    expect(await refusal()).toMatchObject({ where: 'elsewhere' });
  });

  it('is free at once when its process is dead', async () => {
    const lock = await FileLock.take(file);
    await moveElsewhere();
    const text = await readFile(file, 'utf8');
    await lock.release();
    await writeFile(file, text);
    await (await FileLock.take(file, true)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not presumed free where the kernel cannot be asked, but by those who need not be certain', async () => {
    await onlyPrograms();
    const lock = await FileLock.take(file);
    onTestFinished(() => lock.release());
    await moveElsewhere({ machine: 'another' });
    await utimes(file, long, long);
    expect(await refusal(true)).toMatchObject({ where: 'elsewhere', holder: { machine: 'another', kernel: false } });
    await (await FileLock.take(file)).release();
  });

  it('of before this machine was restarted is free', async () => {
    await onlyPrograms();
    const lock = await FileLock.take(file);
    onTestFinished(() => lock.release());
    await moveElsewhere({ host: 'another-boot pid:[1]' });
    await utimes(file, long, long);
    await (await FileLock.take(file, true)).release();
  });
});

describe.skipIf(programs.length === 0)('a file lock that a child inherits', () => {
  it('is held until the child is dead too, whether its holder has released it or was killed', async () => {
    const lock = await FileLock.take(file);
    const child = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', lock.inheritable()] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    await lock.release();
    expect(await refusal()).toMatchObject({ where: 'here' });
    const text = await readFile(file, 'utf8');
    // The same file, as its holder leaves it behind when it is killed.
    await writeFile(file, JSON.stringify({ ...JSON.parse(text), pid: 2 ** 30 }));
    const error = await refusal();
    expect(error).toBeInstanceOf(LockHeldError);
    expect(error).toMatchObject({ where: 'orphaned' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await FileLock.take(file)).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
