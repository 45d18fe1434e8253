import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Watchdog } from '../src/watchdog.js';

let child: ChildProcess;
let dog: Watchdog;
afterEach(() => {
  dog.stop();
  child.kill('SIGKILL');
});

/** Watches a process that runs `script`; gives the reasons for which it was taken for hung. */
async function watch(script: string, silenceSeconds: number): Promise<string[]> {
  const reasons: string[] = [];
  child = spawn(process.execPath, ['-e', `console.log('up'); ${script}`]);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  dog = new Watchdog(child.pid, silenceSeconds, (reason) => reasons.push(reason));
  dog.start();
  return reasons;
}

const asleep = 'setInterval(() => {}, 1000)';

describe('a silent process', () => {
  it('is taken for hung when it does nothing', async () => {
    const reasons = await watch(asleep, 2);
    await sleep(2500);
    expect(reasons).toEqual(['it said nothing for 2 s']);
  });

  it('is not when it speaks now and then', async () => {
    const reasons = await watch(asleep, 1);
    for (let word = 0; word < 5; word += 1) {
      await sleep(400);
      dog.heard();
    }
    expect(reasons).toEqual([]);
  });

  it('is not while it computes, as one step may take long', async () => {
    const reasons = await watch('for (;;) {}', 2);
    await sleep(5000);
    expect(reasons).toEqual([]);
  });
});
