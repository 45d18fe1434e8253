import { parseFilter } from '@trainyard/query';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { filterToSql } from '../../src/filter/filterToSql.js';
import { jobFields } from '../../src/filter/jobFields.js';
import { Postgres } from '../../src/postgres/postgres.js';
import { sql } from '../../src/postgres/sql.js';
import { metrics, runningJob, testResults, useDatabase } from '../fixtures.js';
import { allPages, draw, drawJobs, oneOf, rowsOf, tags } from './drawnJobs.js';
import { evaluate } from './evaluate.js';

const suite = useDatabase();
beforeAll(() => drawJobs(suite.db));
const rows = () => rowsOf(suite.db);

const comparisons: (() => string)[] = [
  () => `name ${oneOf(['=', '!='])} "${oneOf(['first', 'Second', 'a%b', '100', 'none'])}"`,
  () =>
    `name ${oneOf(['', 'NOT '])}${oneOf(['LIKE', 'ILIKE'])} "${oneOf(['%', 's%', 'a_b', 'a\\\\%b', '%T%', "it's"])}"`,
  () => `name : ${oneOf(['a', 'SECOND', '"%"', 's'])}`,
  () =>
    `${oneOf(['name', 'tag', 'test.accuracy', 'finished', 'failure', 'schedule.type'])} IS ${oneOf(['', 'NOT '])}NULL`,
  () => `tag ${oneOf(['=', '!=', ':'])} "${oneOf([...tags, 'none'])}"`,
  () => `tag ${oneOf(['', 'NOT '])}IN ("night", "none")`,
  () => `tag LIKE "${oneOf(['%e%', 'a%', 'none'])}"`,
  () => `state ${oneOf(['', 'NOT '])}IN (queued, ${oneOf(['succeeded', 'failed'])})`,
  () => `architecture ${oneOf(['=', '!='])} ${oneOf(['lenet', 'cnn3'])}`,
  () => `test.accuracy ${oneOf(['=', '!=', '<', '<=', '>', '>='])} ${oneOf(['0.5', '30%', '0'])}`,
  () => `test.${oneOf(['macroF1', 'top5Accuracy'])} ${oneOf(['<', '>='])} ${oneOf(['0.5', '0.85'])}`,
  () => `validation.accuracy ${oneOf(['', 'NOT '])}BETWEEN 0.2 AND ${oneOf(['0.4', '0.9'])}`,
  () =>
    `${oneOf(['recall.cat', 'precision.cat', '"recall".`cat`', 'recall.dog', 'train.loss'])} ${oneOf(['<', '>='])} 0.5`,
  () => `confusion.cat.${oneOf(['dog', 'bird'])} ${oneOf(['>', '<='])} ${draw(6)}`,
  () => `learningRate ${oneOf(['=', '!=', '>', '<='])} ${oneOf(['0.1', '1', '1e-2'])}`,
  () => `learningRate = "0.1"`,
  () => `schedule.type ${oneOf(['=', '!=', ':'])} "${oneOf(['cosine', 'const'])}"`,
  () => `augmentation.flip = ${oneOf(['true', 'false'])}`,
  () => `spec.epochs = ${oneOf(['2', '"2"', 'true'])}`,
  () => `priority > ${draw(3)}`,
  () => `finished ${oneOf(['>', '<'])} ${oneOf(['2020-01-01', '"1h ago"', '2100-01-01T00:00:00+02:00'])}`,
];

function draft(terms: number): string {
  if (terms === 1) return `${draw(4) ? '' : 'NOT '}${oneOf(comparisons)()}`;
  const left = 1 + draw(terms - 1);
  const both = `${draft(left)} ${oneOf(['AND', 'OR'])} ${draft(terms - left)}`;
  return `${draw(3) ? '' : 'NOT '}(${both})`;
}

it('random filters select the rows for which their plain evaluation is true', async () => {
  const postgres = new Postgres(suite.url, { poolSize: 2 });
  onTestFinished(() => postgres.close());
  const all = await rows();
  expect(all.size).toBe(80);
  const tested = new Set([...all].filter(([, row]) => row(['test', 'accuracy']) !== undefined).map(([id]) => id));
  let selected = 0;
  for (let round = 0; round < 400; round += 1) {
    const text = draft(1 + draw(8));
    const filter = parseFilter(text, jobFields);
    if (!filter) throw new Error('an empty filter');
    const found = await postgres.query(
      z.object({ id: z.string() }),
      sql`SELECT jobs.id FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
        WHERE ${filterToSql(filter)}`,
    );
    const expected = [...all].filter(([, row]) => evaluate(filter, row)).map(([id]) => id);
    expect(found.map(({ id }) => id).sort(), text).toEqual(expected.sort());
    selected += found.length;
    if (round % 4 > 0) continue;
    // The history joins other tables, and looks at a part of the rows first where a page is small.
    const query = { filter: text, sort: '-finishedAt', format: 'json', partial: true, foreign: false } as const;
    const history = await suite.db.results.history({ ...query, limit: 500 });
    const ids = history.data.map(({ jobId }) => jobId);
    expect(ids.toSorted(), text).toEqual(expected.filter((id) => tested.has(id)).sort());
    const page = await suite.db.results.history({ ...query, limit: 3 });
    expect(
      page.data.map(({ jobId }) => jobId),
      text,
    ).toEqual(ids.slice(0, 3));
  }
  // Neither nothing nor everything.
  expect(selected / (400 * 80)).toBeGreaterThan(0.2);
  expect(selected / (400 * 80)).toBeLessThan(0.8);
});

it('jobs and the history are filtered, page by page', async () => {
  const { db } = suite;
  const filter = 'test.accuracy >= 0.3 AND (tag = night OR recall.cat < 0.6)';
  const parsed = parseFilter(filter, jobFields);
  const expected = [...(await rows())].filter(([, row]) => parsed && evaluate(parsed, row)).map(([id]) => id);
  expect(expected.length).toBeGreaterThan(5);
  const jobs = await allPages(async (cursor) => {
    const { data, nextCursor } = await db.jobs.list({ sort: '-created', filter, limit: 4, ...cursor });
    return { ids: data.map(({ id }) => id), nextCursor };
  });
  const results = await allPages(async (cursor) => {
    const query = {
      filter,
      sort: '-accuracy',
      limit: 4,
      format: 'json',
      partial: false,
      foreign: false,
      ...cursor,
    } as const;
    const { data, nextCursor } = await db.results.history(query);
    return { ids: data.map(({ jobId }) => jobId), nextCursor };
  });
  expect(jobs.sort()).toEqual(expected.sort());
  expect(results.sort()).toEqual(expected.sort());
  expect(await db.jobs.list({ sort: '-created', filter: '  ', limit: 500 })).toEqual(
    await db.jobs.list({ sort: '-created', limit: 500 }),
  );
  await expect(db.jobs.list({ sort: '-created', filter: 'accuracy > 1', limit: 1 })).rejects.toThrow(
    'there is no field accuracy',
  );
});

it('a class is found whose name is too long for the index of names', async () => {
  const { db } = suite;
  // Without repetitions, so that no compression makes it short.
  const name = Array.from({ length: 3000 }, () => String.fromCodePoint(97 + draw(26))).join('');
  const { token, jobId } = await runningJob(db);
  await db.attempts.epoch(token, metrics(1), null);
  const results = testResults(1, 7);
  const [first, ...others] = results.classes;
  if (!first) throw new Error('a test without a class');
  await db.attempts.succeed(token, { ...results, classes: [{ ...first, class: name }, ...others] });
  const query = { sort: '-finishedAt', limit: 5, format: 'json', partial: true, foreign: false } as const;
  const { data } = await db.results.history({ ...query, filter: `recall."${name}" >= 0` });
  expect(data.map((row) => row.jobId)).toEqual([jobId]);
});
