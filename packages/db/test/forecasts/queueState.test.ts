import { newId } from '@trainyard/db';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openAttempt, submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const reason = async () => (await suite.db.jobs.submit(submission())).job.forecast?.reason.replace(/;.*/, '');

async function connectWorker(): Promise<void> {
  const worker = { hostname: 'h', pid: 1, executor: 'native', device: 'cpu', memoryBytes: 8e9, fault: null };
  await suite.db.database.workers.heartbeat({ id: newId('wrk'), ...worker, jobId: null, attempt: null });
}

it('a state of the queue serves later forecasts where no worker is free, and only then', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  await connectWorker();
  const { job } = await suite.db.jobs.submit(submission());
  expect(job.forecast?.reason).toMatch(/^a worker is free/);
  await openAttempt(suite.db, job.id);
  expect(await reason()).toBe('the worker is busy');
  await connectWorker();
  expect(await reason()).toBe('the worker is busy, and one job is before it');
  vi.advanceTimersByTime(1000);
  expect(await reason()).toBe('all 2 workers are busy, and 2 jobs are before it');
});
