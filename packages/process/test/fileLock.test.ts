import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FileLock, LockHeldError, type LockHolder } from '@trainyard/process';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-lock-'));
  file = path.join(folder, 'the.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const read = async (name = file): Promise<LockHolder> => JSON.parse(await readFile(name, 'utf8'));

/** A lock of this machine whose process died. */
async function leaveDeadLock(name = file): Promise<LockHolder> {
  const lock = await FileLock.take(name);
  const dead = { ...(await read(name)), pid: 2 ** 30, id: 'dead' };
  await lock.release();
  await writeFile(name, JSON.stringify(dead));
  return dead;
}

const fromElsewhere = { pid: process.pid, began: '1', host: 'another machine', id: 'elsewhere' };

describe('a file lock', () => {
  it('is refused to a second holder, and the error names the first', async () => {
    const lock = await FileLock.take(file);
    const error = await FileLock.take(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LockHeldError);
    expect((error as LockHeldError).holder.pid).toBe(process.pid);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('can be taken again after its release', async () => {
    await (await FileLock.take(file)).release();
    await (await FileLock.take(file)).release();
  });

  it('is free when the process of its holder is dead', async () => {
    await leaveDeadLock();
    const lock = await FileLock.take(file);
    expect((await read()).pid).toBe(process.pid);
    expect(await readdir(folder)).toEqual(['the.lock']);
    await lock.release();
  });

  it('is free when the process id of its holder now belongs to another process', async () => {
    const dead = await leaveDeadLock();
    await writeFile(file, JSON.stringify({ ...dead, pid: process.pid, began: '1' }));
    await (await FileLock.take(file)).release();
  });

  it('of an earlier version, without a host, is judged by its process', async () => {
    const { pid, began } = await FileLock.take(file).then(async (lock) => {
      const holder = await read();
      await lock.release();
      return holder;
    });
    await writeFile(file, JSON.stringify({ pid, began, id: 'x' }));
    await expect(FileLock.take(file)).rejects.toThrow(LockHeldError);
    await writeFile(file, JSON.stringify({ pid: 2 ** 30, began, id: 'x' }));
    await (await FileLock.take(file)).release();
  });

  it('of another machine is held while its file is rewritten, though this machine knows no such process', async () => {
    await writeFile(file, JSON.stringify(fromElsewhere));
    const rewriting = setInterval(() => void writeFile(file, JSON.stringify(fromElsewhere)), 300);
    onTestFinished(() => clearInterval(rewriting));
    await expect(FileLock.take(file)).rejects.toThrow(LockHeldError);
  });

  it('of another machine is free when its file has not been rewritten for a while', async () => {
    await writeFile(file, JSON.stringify(fromElsewhere));
    const past = new Date(Date.now() - 60_000);
    await utimes(file, past, past);
    await (await FileLock.take(file)).release();
  });

  it('that cannot be read is free when its file is old', async () => {
    await writeFile(file, '');
    const past = new Date(Date.now() - 60_000);
    await utimes(file, past, past);
    await (await FileLock.take(file)).release();
  });

  it('is not released by a holder that has lost it', async () => {
    const lock = await FileLock.take(file);
    await rm(file);
    await writeFile(file, JSON.stringify(fromElsewhere));
    await lock.release();
    expect((await read()).id).toBe('elsewhere');
  });

  it('is taken in turns by those who wait for it', async () => {
    let holders = 0;
    let most = 0;
    let waits = 0;
    const turn = () =>
      FileLock.during(
        file,
        () => (waits += 1),
        async () => {
          most = Math.max(most, ++holders);
          await sleep(30);
          holders -= 1;
        },
      );
    await Promise.all([turn(), turn(), turn(), turn()]);
    expect(most).toBe(1);
    expect(waits).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is free again after work that throws', async () => {
    const failing = FileLock.during(
      file,
      () => {},
      async () => {
        throw new Error('no');
      },
    );
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a dead holder is taken even where a process died while it removed it', async () => {
    const dead = await leaveDeadLock();
    // The ticket of the process that died: a lock of its own, named after the dead holder.
    await leaveDeadLock(`${file}.${dead.id}.dead`);
    await (await FileLock.take(file)).release();
    expect(await readdir(folder)).toEqual([]);
  });
});

it('removes what a process left that died while it waited for the lock', async () => {
  const dead = await leaveDeadLock();
  await rm(file);
  await writeFile(`${file}.0123456789abcdef`, JSON.stringify(dead));
  await writeFile(`${file}.fedcba9876543210`, JSON.stringify(fromElsewhere));
  await writeFile(`${file}.txt`, '');
  await (await FileLock.take(file)).release();
  expect((await readdir(folder)).toSorted()).toEqual(['the.lock.fedcba9876543210', 'the.lock.txt']);
});

/** Takes the lock in a process of its own again and again, and counts in a file under the lock. */
const program = fileURLToPath(new URL('lockProcess.mjs', import.meta.url));

describe('a file lock among processes', () => {
  it('has one holder at a time, also where holders are killed again and again', { timeout: 120_000 }, async () => {
    const counter = path.join(folder, 'counter');
    await writeFile(counter, '0');
    const run = async (turns: number, dieHolding: boolean) => {
      const child = fork(program, [file, counter, String(turns), String(dieHolding)], { execArgv: [] });
      onTestFinished(() => void child.kill('SIGKILL'));
      const [code, signal] = await once(child, 'exit');
      return signal ?? code;
    };
    const ends = await Promise.all([
      ...[1, 2, 3].map(() => run(20, false)),
      ...[1, 2, 3].map(async () => [await run(3, true), await run(3, true), await run(3, true)]),
    ]);
    expect(ends.slice(0, 3)).toEqual([0, 0, 0]);
    expect(ends.slice(3).flat()).toEqual(Array(9).fill('SIGKILL'));
    // Each turn reads the counter, waits and writes it: two holders at once would lose a count.
    expect(await readFile(counter, 'utf8')).toBe(String(3 * 20 + 9 * 3));
  });

  it('lets one of many that found the same dead holder take it', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 30; round += 1) {
      await leaveDeadLock();
      const takers = await Promise.allSettled(Array.from({ length: 8 }, () => FileLock.take(file)));
      const taken = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
      expect(taken).toHaveLength(1);
      await taken[0]?.release();
    }
  });
});
