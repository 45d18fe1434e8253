import { readdir } from 'node:fs/promises';
import { SettingError } from '@trainyard/contracts';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AttemptContext } from '../../src/attempt/attemptContext.js';
import { endAfterWorkerError } from '../../src/attempt/outcomes.js';

/** An attempt whose writes are collected, on a worker whose artifacts have the fault. */
function attempt(fault: Error | null) {
  const writes: unknown[][] = [];
  const write =
    (name: string) =>
    async (_token: string, ...rest: unknown[]) => {
      writes.push([name, ...rest]);
      return { state: 'queued' };
    };
  const attempts = { fail: write('fail'), warning: write('warning'), handBack: write('handBack') };
  const context = {
    database: { attempts },
    artifacts: {
      check: async () => {
        if (fault) throw fault;
      },
    },
    datasets: { check: async () => {} },
    metrics: { ended: () => {} },
  };
  // Only what ending an attempt uses.
  const attemptContext = { context, token: 'token', log: pino({ level: 'silent' }) } as unknown as AttemptContext;
  return { attemptContext, writes };
}

const readOnly = Object.assign(new Error("EROFS: read-only file system, mkdir '/srv/x'"), { code: 'EROFS' });

describe('an error of the worker', () => {
  it('whose folders cannot be used hands the job back, which counts as no failure, and names the cause', async () => {
    const { attemptContext, writes } = attempt(new SettingError('ARTIFACTS_URL', 'is read-only'));
    await endAfterWorkerError(attemptContext, readOnly);
    expect(writes).toEqual([
      ['warning', { code: 'worker_unusable', message: 'ARTIFACTS_URL is read-only' }],
      ['handBack', null],
    ]);
  });

  it('whose folders can be used fails the attempt, without the path of a file', async () => {
    const { attemptContext, writes } = attempt(null);
    await endAfterWorkerError(attemptContext, Object.assign(readOnly, { syscall: 'mkdir' }));
    expect(writes).toMatchObject([['fail', { code: 'worker_error' }, { retryable: true }]]);
    expect(JSON.stringify(writes)).not.toContain('/srv/x');
    expect(JSON.stringify(writes)).toContain('EROFS');
  });

  it('at a file fails the attempt, without its path', async () => {
    const { attemptContext, writes } = attempt(null);
    const error = await readdir('/no/such/folder').catch((missing: unknown) => missing);
    await endAfterWorkerError(attemptContext, error);
    expect(writes).toMatchObject([
      ['fail', { message: 'the worker could not run the job: ENOENT (scandir)' }, { retryable: true }],
    ]);
  });

  it('that the database refuses fails the attempt with what the database says', async () => {
    const { attemptContext, writes } = attempt(null);
    const violation = { code: '23503', severity: 'ERROR' };
    await endAfterWorkerError(attemptContext, Object.assign(new Error('violates a foreign key'), violation));
    expect(writes).toMatchObject([
      [
        'fail',
        { code: 'worker_error', message: 'the database refused: violates a foreign key (SQLSTATE 23503)' },
        { retryable: true },
      ],
    ]);
  });
});
