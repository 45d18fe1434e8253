import { InvalidInputError, listJobsQuerySchema, resultsQuerySchema } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('text that Postgres cannot store is refused with its pointer, other text is stored unchanged', async () => {
  const submitted = suite.db.jobs.submit(submission({ notes: 'a\udc00b', tags: ['fine', '\ud800'] }));
  await expect(submitted).rejects.toBeInstanceOf(InvalidInputError);
  await expect(submitted).rejects.toMatchObject({ faults: [{ pointer: '/tags/1' }, { pointer: '/notes' }] });
  const notes = '\\u0000 \ud83d\ude80 \u0001 " \' ; DROP TABLE jobs --';
  const { job } = await suite.db.jobs.submit(submission({ notes }));
  expect(await suite.db.jobs.find(job.id)).toMatchObject({ notes, spec: { notes } });
});

test('filters that Postgres cannot read are refused; extreme dates are accepted', async () => {
  const { db } = suite;
  await expect(db.jobs.list(listJobsQuerySchema.parse({ experiment: '\u0000' }))).rejects.toThrow(InvalidInputError);
  await expect(db.results.history(resultsQuerySchema.parse({ dataset: '\u0000' }))).rejects.toThrow(InvalidInputError);
  const dates = { from: '0000-01-01T00:00:00Z', to: '9999-12-31T23:59:59-23:59' };
  expect((await db.results.history(resultsQuerySchema.parse(dates))).data).toEqual([]);
});
