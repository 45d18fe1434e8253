import { maxOutputLength, maxOutputLines } from '@trainyard/contracts';
import { StaleAttemptError } from '@trainyard/db';
import { expect, test } from 'vitest';
import { runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const linesOf = async (jobId: string): Promise<string[]> => {
  const events = await suite.db.events.list(jobId, 0, 2 * maxOutputLines);
  return events.filter(({ type }) => type === 'output').map(({ data }) => String(data.message));
};
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => `line ${from + i}`);

test('output of a trainer is kept in order, each line cut at its longest', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.output(token, ['first', 'x'.repeat(maxOutputLength + 1)]);
  await suite.db.attempts.output(token, ['last']);
  expect(await linesOf(jobId)).toEqual(['first', 'x'.repeat(maxOutputLength), 'last']);
});

test('a job keeps its first lines of output, and the last of them says that the log is full', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.output(token, numbered(0, maxOutputLines - 10));
  for (const from of [990, 1010, 1030]) await suite.db.attempts.output(token, numbered(from, 20));
  const lines = await linesOf(jobId);
  expect(lines.slice(0, -1)).toEqual(numbered(0, maxOutputLines - 1));
  expect(lines).toHaveLength(maxOutputLines);
  expect(lines.at(-1)).toContain('the log of this job is full');
});

test('an attempt that has ended writes no output any more', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.handBack(token, null);
  await expect(suite.db.attempts.output(token, ['late'])).rejects.toThrow(StaleAttemptError);
  expect(await linesOf(jobId)).toEqual([]);
});

test('the last events of a job are listed in their order, and those of other projects are not', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.output(token, ['a', 'b', 'c']);
  const messages = async (after: number, count: number) =>
    (await suite.db.events.last(jobId, after, count)).map(({ data }) => data.message);
  expect(await messages(0, 2)).toEqual(['b', 'c']);
  expect(await messages(4, 5)).toEqual(['c']);
  expect(await suite.db.database.project('another').events.last(jobId, 0, 5)).toEqual([]);
});
