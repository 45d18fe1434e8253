import { Backoff, retry } from '@trainyard/process';
import { describe, expect, it } from 'vitest';

const options = { firstPauseMs: 1, longestPauseMs: 4, forMs: 10_000 };

/** A task that fails so many times and then returns 'done'. */
const failing = (times: number) => {
  let runs = 0;
  return async () => {
    runs += 1;
    if (runs <= times) throw new Error(`failure ${runs}`);
    return 'done';
  };
};

describe('retry', () => {
  it('returns what the task returns after it failed a few times', async () => {
    const errors: unknown[] = [];
    expect(await retry(failing(3), { ...options, onRetry: (error) => errors.push(error) })).toBe('done');
    expect(errors.map(String)).toEqual(['Error: failure 1', 'Error: failure 2', 'Error: failure 3']);
  });

  it('throws an error that is not transient at once', async () => {
    let runs = 0;
    const task = async () => {
      runs += 1;
      throw new TypeError('never works');
    };
    await expect(retry(task, { ...options, isTransient: (error) => !(error instanceof TypeError) })).rejects.toThrow(
      'never works',
    );
    expect(runs).toBe(1);
  });

  it('throws the last error when the time is over', async () => {
    const begin = performance.now();
    await expect(retry(failing(1e9), { ...options, forMs: 50 })).rejects.toThrow(/^failure \d+$/);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('a backoff', () => {
  it('doubles its pauses up to the longest, and begins again when reset', () => {
    const backoff = new Backoff(500, 3000);
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([500, 1000, 2000, 3000, 3000]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });
});
