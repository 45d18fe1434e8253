import { openDatabase } from '@trainyard/db';
import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('every statement is timed, whether it succeeds, fails or is part of a transaction', async () => {
  const seen: number[] = [];
  const db = await openDatabase(suite.url, { onQuery: (seconds) => seen.push(seconds) });
  try {
    const countOf = async (work: () => Promise<unknown>) => {
      const before = seen.length;
      await work();
      return seen.length - before;
    };
    expect(await countOf(() => db.ping())).toBe(1);
    expect(await countOf(() => db.statistics())).toBe(1);
    const { jobs } = db.project('default');
    // The job, and what its forecast is made from.
    expect(await countOf(() => jobs.submit(submission()))).toBeGreaterThan(1);
    const failing = () => jobs.submit(submission({}, { parameters: -1 })).catch(() => {});
    // The first finds the position of the job.
    expect(await countOf(failing)).toBeGreaterThan(1);
    const { job } = await jobs.submit(submission());
    expect(await countOf(() => jobs.cancel(job.id))).toBeGreaterThanOrEqual(4);
    expect(seen.every((seconds) => seconds > 0 && seconds < 10)).toBe(true);
  } finally {
    await db.close();
  }
});
