import type { Consumer } from '@trainyard/queue';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Intake } from '../src/intake.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An intake whose folders have the fault that a test sets, with what it did to the consumer and wrote to the log. */
function start() {
  const calls: string[] = [];
  const state = { fault: null as string | null, calls };
  const log = pino({}, { write: (line) => calls.push(JSON.parse(line).msg) });
  const intake = new Intake(async () => state.fault, log);
  const consumer = { pause: async () => calls.push('pause'), resume: async () => calls.push('resume') };
  intake.start(consumer as unknown as Consumer);
  return Object.assign(state, { intake });
}

describe('a worker', () => {
  it('takes no jobs while a folder cannot be used, says so once, and then takes jobs again', async () => {
    const state = start();
    expect(await state.intake.mayTake()).toBe(true);
    state.fault = 'read-only';
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await state.intake.mayTake()).toBe(false);
    expect(state.calls).toEqual(['this worker takes no jobs', 'pause']);
    state.fault = null;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await state.intake.mayTake()).toBe(true);
    expect(state.calls.slice(2)).toEqual(['this worker takes jobs again', 'resume']);
    await state.intake.stop();
  });

  it('rests for some seconds after an error of its own', async () => {
    const state = start();
    await state.intake.rest();
    expect(await state.intake.mayTake()).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await state.intake.mayTake()).toBe(true);
    expect(state.calls.filter((call) => call === 'pause' || call === 'resume')).toEqual(['pause', 'resume']);
    await state.intake.stop();
  });
});
