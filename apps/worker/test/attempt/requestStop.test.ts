import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainerRun } from '../../src/attempt/attemptContext.js';
import { requestStop } from '../../src/attempt/requestStop.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A run whose trainer records what it is asked, and exits when `exit` is called. */
function start() {
  const calls: string[] = [];
  let exit = () => {};
  const exited = new Promise<void>((resolve) => {
    exit = resolve;
  });
  const trainer = {
    exited,
    cancel: () => calls.push('cancel'),
    suspend: () => calls.push('suspend'),
    kill: async () => void calls.push('kill'),
  };
  // Only what requestStop uses.
  const run = { requested: 'nothing', trainer, log: pino({ level: 'silent' }) } as unknown as TrainerRun;
  return { run, calls, exit };
}

describe('stopping a trainer', () => {
  it('asks it once, and kills it when it takes too long', async () => {
    const { run, calls } = start();
    requestStop(run, 'suspend');
    requestStop(run, 'suspend');
    await vi.advanceTimersByTimeAsync(9_000);
    expect(calls).toEqual(['suspend']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls).toEqual(['suspend', 'kill']);
  });

  it('does not kill one that has exited', async () => {
    const { run, calls, exit } = start();
    requestStop(run, 'cancel');
    exit();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(['cancel']);
  });

  it('lets a cancellation override a suspension, and not the reverse', async () => {
    const { run, calls, exit } = start();
    for (const request of ['suspend', 'cancel', 'suspend'] as const) requestStop(run, request);
    exit();
    expect(calls).toEqual(['suspend', 'cancel']);
    expect(run.requested).toBe('cancel');
  });
});
