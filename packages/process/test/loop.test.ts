import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '@trainyard/process';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

function start(task: () => Promise<void>, intervalMs: number) {
  const logger = { info: vi.fn(), warn: vi.fn() };
  const loop = new Loop('counter', intervalMs, task, logger);
  onTestFinished(() => loop.stop());
  loop.start();
  return { loop, logger };
}

describe('a loop', () => {
  it('runs its task at once and then at every interval', async () => {
    let runs = 0;
    start(async () => {
      runs += 1;
    }, 5);
    expect(runs).toBe(1);
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
  });

  it('runs its task at once when woken', async () => {
    let runs = 0;
    const { loop } = start(async () => {
      runs += 1;
    }, 100_000);
    await sleep(20);
    loop.wake();
    await vi.waitFor(() => expect(runs).toBe(2));
  });

  it('runs a task that is woken while it runs once more, and never twice at the same time', async () => {
    let runs = 0;
    let atOnce = 0;
    let most = 0;
    const { loop } = start(async () => {
      most = Math.max(most, ++atOnce);
      runs += 1;
      await sleep(20);
      atOnce -= 1;
    }, 100_000);
    for (let i = 0; i < 10; i += 1) loop.wake();
    await vi.waitFor(() => expect(runs).toBe(2));
    await sleep(100);
    expect(runs).toBe(2);
    expect(most).toBe(1);
  });

  it('logs the first of consecutive failures, and the recovery', async () => {
    let runs = 0;
    const { logger } = start(async () => {
      runs += 1;
      if (runs <= 3) throw new Error(`failure ${runs}`);
    }, 1);
    await vi.waitFor(() => expect(runs).toBeGreaterThan(5));
    expect(logger.warn.mock.calls.map(([, message]) => message)).toEqual(['counter failed; retrying']);
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ loop: 'counter', err: new Error('failure 1') });
    expect(logger.info.mock.calls.map(([, message]) => message)).toEqual(['counter recovered']);
  });

  it('waits for the running task when stopped, and does not run it again', async () => {
    let runs = 0;
    let done = 0;
    const { loop } = start(async () => {
      runs += 1;
      await sleep(30);
      done += 1;
    }, 1);
    await loop.stop();
    expect([runs, done]).toEqual([1, 1]);
    loop.wake();
    await sleep(20);
    expect(runs).toBe(1);
  });
});
