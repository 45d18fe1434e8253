import { type MlflowPaths, parseMlflowFilter } from '@trainyard/query';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { filterToSql } from '../../src/filter/filterToSql.js';
import { Postgres } from '../../src/postgres/postgres.js';
import { sql } from '../../src/postgres/sql.js';
import { metrics, runningJob, submission, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const paths: Record<string, string[]> = {
  'metric.accuracy': ['test', 'accuracy'],
  'metric.recall/polar bear': ['recall', 'polar bear'],
  'tag.mlflow.runName': ['name'],
  'attribute.run_name': ['name'],
  'attribute.status': ['state'],
};
const pathOf: MlflowPaths = (kind, key) => paths[`${kind}.${key}`] ?? null;

beforeAll(async () => {
  const { db } = suite;
  for (const [name, correct] of [
    ['first', 4],
    [String.raw`it's 10%\ `, 8],
  ] as const) {
    const { token } = await runningJob(db, { name });
    await db.attempts.epoch(token, metrics(1), null);
    await db.attempts.succeed(token, testResults(1, correct));
  }
  await db.jobs.submit(submission({ name: 'waits' }));
});

it.each([
  ['metrics.accuracy > 0.3', ['first', String.raw`it's 10%\ `]],
  ["metrics.accuracy >= 0.4 AND status = 'succeeded' and run_name != 'first'", [String.raw`it's 10%\ `]],
  ['metrics.`recall/polar bear` != 7', []],
  [String.raw`tags.mlflow.runName LIKE "it's%\ "`, [String.raw`it's 10%\ `]],
  ["`run name` ILIKE 'F_RST'", ['first']],
  ["params.unknown != 'x'", []],
  ["params.unknown IS NULL AND run_name LIKE 'w%'", ['waits']],
  ['params.unknown IS NOT NULL', []],
])('the filter of MLflow %s finds its runs', async (text, expected) => {
  const postgres = new Postgres(suite.url, { poolSize: 1 });
  onTestFinished(() => postgres.close());
  const filter = parseMlflowFilter(text, pathOf);
  if (!filter) throw new Error('an empty filter');
  const found = await postgres.query(
    z.object({ name: z.string() }),
    sql`SELECT name FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
      WHERE ${filterToSql(filter)} ORDER BY name`,
  );
  expect(found.map(({ name }) => name)).toEqual(expected);
});
