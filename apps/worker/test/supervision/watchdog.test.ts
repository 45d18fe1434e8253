import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Watchdog } from '../../src/supervision/watchdog.js';

let child: ChildProcess;
let dog: Watchdog;
afterEach(() => {
  dog.stop();
  child.kill('SIGKILL');
});

/** Watches a process that runs `script`. Returns a list to which each reason why it counts as hung is added. */
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
  it('counts as hung when it does nothing', async () => {
    const reasons = await watch(asleep, 2);
    await sleep(2500);
    expect(reasons).toEqual(['it sent no message for 2 s']);
  });

  it('does not count as hung when it sends a message now and then', async () => {
    const reasons = await watch(asleep, 1);
    for (let message = 0; message < 5; message += 1) {
      await sleep(400);
      dog.heard();
    }
    expect(reasons).toEqual([]);
  });

  it('does not count as hung while it computes, as one step may take long', async () => {
    const reasons = await watch('for (;;) {}', 2);
    await sleep(5000);
    expect(reasons).toEqual([]);
  });
});
