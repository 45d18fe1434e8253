import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { endProcess } from '../src/childProcess.js';
import { SupervisedProcess } from '../src/supervisedProcess.js';

/** A process that only waits. */
async function startWaiting(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await new Promise((resolve) => child.once('spawn', resolve));
  return child;
}

const stop = (child: ChildProcess) => endProcess(child, 'SIGTERM', 5);

describe('a supervised process', () => {
  it('is restarted after it was killed', async () => {
    const lines: string[] = [];
    const supervised = await SupervisedProcess.start({ name: 'x', start: startWaiting, stop }, (line) =>
      lines.push(line),
    );
    const first = supervised.pid as number;
    process.kill(first, 'SIGKILL');
    while (supervised.pid === first) await sleep(20);
    await supervised.stop();
    expect(lines).toEqual(['x ended (SIGKILL); restarting it in 0.5 s']);
  });

  it('is not restarted after it was stopped', async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      return startWaiting();
    };
    const supervised = await SupervisedProcess.start({ name: 'x', start, stop }, () => {});
    await supervised.stop();
    expect(starts).toBe(1);
  });

  it('reports a restart that fails, and tries again until it is stopped', async () => {
    const lines: string[] = [];
    let starts = 0;
    const start = () => {
      starts += 1;
      if (starts > 1) throw new Error('no memory');
      return startWaiting();
    };
    const supervised = await SupervisedProcess.start({ name: 'x', start, stop }, (line) => lines.push(line));
    process.kill(supervised.pid as number, 'SIGKILL');
    while (lines.length < 3) await sleep(20);
    await supervised.stop();
    expect(lines.slice(1)).toEqual(['no memory', 'x ended (it did not start); restarting it in 1 s']);
  });
});
