import { listJobsQuerySchema, resultsQuerySchema } from '@trainyard/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listStatement } from '../../src/jobs/jobs.js';
import { queuedStatement } from '../../src/jobs/outbox.js';
import { encodeCursor } from '../../src/postgres/page.js';
import type { Sql } from '../../src/postgres/sql.js';
import { historyKeysStatement } from '../../src/results/history.js';
import { succeededJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();
let client: pg.Client;

/** Twenty thousand jobs, half of them tested, and one of them with many events and epochs. */
beforeAll(async () => {
  const model = await succeededJob(suite.db);
  client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`
    CREATE TEMP TABLE model AS SELECT * FROM jobs WHERE id = '${model}';
    INSERT INTO jobs (id, project, state, experiment, tags, notes, priority, architecture, parameters, dataset, spec,
      max_attempts, created_at, finished_at)
    SELECT 'job_' || i, 'default', (CASE WHEN i % 20 = 0 THEN 'queued' ELSE 'succeeded' END)::job_state, 'e' || i % 200,
      '{}', '', i % 3, 'a' || i % 200, 1, 'd', '{}', 3, now() - make_interval(secs => i),
      CASE WHEN i % 20 = 0 THEN NULL ELSE now() END
    FROM generate_series(1, 20000) i;
    INSERT INTO attempts (job_id, number, worker_id, started_at, finished_at, outcome, resumed_from_epoch)
    SELECT id, 1, 'w', now(), now(), 'succeeded', 0 FROM jobs
    WHERE id NOT IN (SELECT id FROM model) AND state = 'succeeded';
    INSERT INTO epoch_metrics SELECT attempts.job_id, e, 1, 1, 0, 1, 0, 0, 0, 0, 0, false
    FROM attempts, generate_series(1, 2) e WHERE job_id NOT IN (SELECT id FROM model);
    INSERT INTO test_results (job_id, project, epoch, loss, accuracy, correct, total, seconds, validation_loss,
      validation_accuracy, experiment, architecture, dataset, dataset_version, training_seconds, finished_at)
    SELECT id, project, 1, 1, random(), 1, 2, 1, random(), random(), experiment, architecture,
      'd' || substr(id, 5)::int % 200, 1, random(), now() - random() * interval '1 year'
    FROM jobs WHERE id NOT IN (SELECT id FROM model) AND state = 'succeeded';
    INSERT INTO events SELECT id, s, 'warning', now(), 1, '{}' FROM jobs, generate_series(20, 22) s
    WHERE state = 'succeeded';
    INSERT INTO outbox (job_id, attempt, priority) SELECT id, 1, 0 FROM jobs;`);
  await client.query('ANALYZE');
  // For a few rows the planner prefers to sort; this asks whether an index can provide their order.
  await client.query('SET enable_bitmapscan = off; SET enable_sort = off');
}, 120_000);
afterAll(() => client.end());

/** Names of the indexes that a statement reads, with `Seq Scan` or `Sort` if it reads or sorts a whole table. */
async function plan(text: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const found: string[] = [];
  const visit = (node: Record<string, unknown>) => {
    if (typeof node['Index Name'] === 'string') found.push(node['Index Name']);
    // The table of projects has a row a project.
    const isSmall = node['Relation Name'] === 'projects';
    if ((node['Node Type'] === 'Seq Scan' && !isSmall) || node['Node Type'] === 'Sort') found.push(node['Node Type']);
    for (const child of (node.Plans as Record<string, unknown>[] | undefined) ?? []) visit(child);
  };
  visit(rows[0]['QUERY PLAN'][0].Plan);
  return found;
}
/** The projects that wait, the first jobs of each, and the last starts; the first 1,000 of each are sorted. */
const queueLookups = [
  'Sort',
  'jobs_project_queue_idx',
  'jobs_project_queue_idx',
  'jobs_project_virtual_start_idx',
  'jobs_virtual_start_idx',
];
const planOf = (statement: Sql) => plan(statement.text, statement.values);

const cursorOf = (sort: string) => {
  const value = sort === '-created' || sort.endsWith('finishedAt') ? new Date() : 0.5;
  return encodeCursor(sort, { value, id: 'job_1' });
};

test.each([
  [{}, 'jobs_project_created_at_id_idx'],
  [{ state: 'failed' }, 'jobs_project_state_created_at_id_idx'],
  [{ experiment: 'e7' }, 'jobs_project_experiment_created_at_id_idx'],
  [{ architecture: 'a7' }, 'jobs_project_architecture_created_at_id_idx'],
  [{ cursor: cursorOf('-created') }, 'jobs_project_created_at_id_idx'],
  [{ cursor: cursorOf('-created'), experiment: 'e7' }, 'jobs_project_experiment_created_at_id_idx'],
])('a page of jobs by %j is read from %s', async (query, index) => {
  const found = await planOf(listStatement('default', listJobsQuerySchema.parse({ limit: 20, ...query })));
  // It also looks up attempts, epochs and tests, and the head of the queue.
  const lookups = [
    'attempts_pkey',
    'attempts_pkey',
    'attempts_pkey',
    'epoch_metrics_pkey',
    'test_results_pkey',
    ...queueLookups,
  ];
  expect(found.toSorted()).toEqual([index, ...lookups].toSorted());
});

const sorts = ['finishedAt', 'accuracy', 'validationAccuracy', 'validationLoss', 'trainingSeconds'];

test.each(sorts.flatMap((sort) => [sort, `-${sort}`]))(
  'a page of results by %s is read from its index, the next one too',
  async (sort) => {
    const column = sort.replace('-', '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const cursor of [undefined, cursorOf(sort)]) {
      const statement = historyKeysStatement('default', resultsQuerySchema.parse({ limit: 20, sort, cursor }));
      expect(await planOf(statement)).toEqual([`test_results_project_${column}_job_id_idx`]);
    }
  },
);

test.each(['dataset', 'architecture', 'experiment'])(
  'newest results of one %s are read from its index',
  async (filter) => {
    const statement = historyKeysStatement(
      'default',
      resultsQuerySchema.parse({ limit: 20, [filter]: `${filter[0]}7` }),
    );
    expect(await planOf(statement)).toEqual([`test_results_project_${filter}_finished_at_job_id_idx`]);
  },
);

test('the measures of a class are read from the index of names', async () => {
  await client.query('SET enable_seqscan = off');
  const statement = historyKeysStatement('default', resultsQuerySchema.parse({ limit: 20, sort: '-recall.cat' }));
  expect(await planOf(statement)).toContain('class_results_name_idx');
  await client.query('RESET enable_seqscan');
});

test('queued jobs are read from the index of the queue', async () => {
  expect((await planOf(queuedStatement(100))).filter((each) => each !== 'Sort').toSorted()).toEqual(
    queueLookups.filter((each) => each !== 'Sort'),
  );
});

test.each([
  [
    'events of a job',
    `SELECT * FROM events WHERE job_id = 'job_1' AND sequence > 20 ORDER BY sequence LIMIT 10`,
    'events_pkey',
  ],
  ['epochs of a job', `SELECT * FROM epoch_metrics WHERE job_id = 'job_1' ORDER BY epoch`, 'epoch_metrics_pkey'],
  ['attempts of a job', `SELECT * FROM attempts WHERE job_id = 'job_1' ORDER BY number`, 'attempts_pkey'],
  ['the oldest rows of the outbox', 'SELECT * FROM outbox ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED', 'outbox_pkey'],
  ['running attempts by their token', `SELECT * FROM jobs WHERE token = 'x'`, 'jobs_token_key'],
  ['heartbeats', 'SELECT token, heartbeat_at FROM jobs WHERE token IS NOT NULL', 'jobs_token_key'],
])('%s are read from an index', async (_what, statement, index) => {
  expect(await plan(statement)).toEqual([index]);
});
