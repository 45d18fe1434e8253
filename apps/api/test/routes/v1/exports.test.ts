import { once } from 'node:events';
import http from 'node:http';
import { eventually } from '@trainyard/test-kit';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { classes, listen, type Service, startService } from '../../support/service.js';

type Row = Record<string, unknown>;

let service: Service;
let port: number;
beforeAll(async () => {
  service = await startService();
  port = await listen(service);
  const odd = { name: '=1+1, "日本"', experiment: 'few', optimizer: { type: 'adam' } };
  await finishedJob(service, odd, 100);
  await finishedJob(service, { experiment: 'few', tags: ['night'] }, 140);
  await finishedJob(service, { experiment: 'few' }, 20);
});
afterAll(() => service.close());

const get = (query: Record<string, unknown>) => service.agent.get('/v1/results').query(query);
const binary = (response: NodeJS.ReadableStream, done: (error: null, body: Buffer) => void) => {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part)).on('end', () => done(null, Buffer.concat(parts)));
};

async function csvRows(query: Record<string, unknown>): Promise<Row[]> {
  return parse((await get({ ...query, format: 'csv' }).expect(200)).text, { columns: true });
}
async function ndjsonRows(query: Record<string, unknown>): Promise<Row[]> {
  const { body } = await get({ ...query, format: 'ndjson' })
    .buffer()
    .parse(binary as never)
    .expect(200);
  return String(body)
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
async function parquetRows(query: Record<string, unknown>): Promise<Row[]> {
  const { body, headers } = await get({ ...query, format: 'parquet' })
    .buffer()
    .parse(binary as never)
    .expect(200);
  expect(headers['content-type']).toBe('application/vnd.apache.parquet');
  expect(headers['content-disposition']).toBe('attachment; filename="results.parquet"');
  const file = new Uint8Array(body).buffer;
  return parquetReadObjects({ file });
}
/** As a CSV has it. */
const text = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : `${value ?? ''}`.replace(/^=/, "'=");

it('every format has the rows of the pages, with the measures of each class', async () => {
  const query = { experiment: 'few', sort: '-test.accuracy', filter: 'test.accuracy > 0.2' };
  const { body } = await get(query).expect(200);
  const rows = await ndjsonRows(query);
  expect(rows).toHaveLength(2);
  const measures = rows.map((row) => {
    const { 'recall.cat': recall, 'precision.airplane': none, 'precision.cat': precision, 'f1.truck': f1 } = row;
    return [recall, none, precision, f1];
  });
  expect(measures).toEqual([
    [0.7, null, 0.5, null],
    [0.5, null, 0.5, null],
  ]);
  expect(rows.map((row) => Object.fromEntries(Object.keys(body.data[0]).map((key) => [key, row[key]])))).toEqual(
    body.data,
  );
  const keys = Object.keys(rows[0] ?? {});
  expect(keys.slice(-30)).toEqual(
    ['recall', 'precision', 'f1'].flatMap((each) => classes.map((name) => `${each}.${name}`)),
  );
  const asDates = (row: Row) => ({ ...row, finishedAt: new Date(`${row.finishedAt}`) });
  expect(await parquetRows(query)).toEqual(rows.map(asDates));
  const asTexts = (row: Row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, text(value)]));
  expect(await csvRows(query)).toEqual(rows.map(asTexts));
});

it('every format has the chosen columns, in their order', async () => {
  const columns =
    'testAccuracy, name,tag,"recall"."cat",spec.optimizer.type, optimizer.type,finished,confusion.cat.cat';
  const query = { experiment: 'few', sort: '-test.accuracy', columns };
  const rows = await ndjsonRows(query);
  const names = [
    ...['testAccuracy', 'name', 'tag', 'recall.cat', 'spec.optimizer.type', 'optimizer.type', 'finished'],
    'confusion.cat.cat',
  ];
  expect(rows.map((row) => Object.keys(row))).toEqual([names, names, names]);
  expect(rows.map(({ testAccuracy }) => testAccuracy)).toEqual([0.7, 0.5, 0.1]);
  expect(rows[0]).toMatchObject({ tag: ['night'], 'recall.cat': 0.7, 'optimizer.type': 'sgd' });
  expect(rows[1]).toMatchObject({ name: '=1+1, "日本"', 'spec.optimizer.type': 'adam', 'confusion.cat.cat': 10 });
  const asDates = (row: Row) => ({ ...row, finished: new Date(`${row.finished}`) });
  expect(await parquetRows(query)).toEqual(rows.map(asDates));
  expect(Object.keys((await csvRows(query))[0] ?? {})).toEqual(names);
  const [recall] = await ndjsonRows({ ...query, columns: 'recall' });
  expect(Object.keys(recall ?? {})).toEqual(classes.map((name) => `recall.${name}`));
});

it.each([
  ['test.acuracy', 'the list of columns is wrong at character 1: there is no field test.acuracy'],
  ['name,,seed', 'the list of columns is wrong at character 6: expected a field'],
  ['name seed', 'expected a comma or the end'],
  ['name, seed, "name"', 'columns names name twice'],
  ['recall, recall.cat', 'columns names recall.cat twice'],
  [Array.from({ length: 201 }, () => 'seed').join(), 'at most 200'],
])('columns are refused where they are wrong: %#', async (columns, detail) => {
  const { body } = await get({ columns, format: 'ndjson' }).expect(400);
  expect(body.detail).toContain(detail);
  expect(body.errors[0].pointer).toBe('/columns');
});

it('columns of JSON rows are refused', async () => {
  expect((await get({ columns: 'name' }).expect(400)).body.detail).toContain('needs format=csv, ndjson or parquet');
});

it('a file of no rows is complete', async () => {
  const query = { experiment: 'none' };
  expect(await parquetRows(query)).toEqual([]);
  expect(await ndjsonRows(query)).toEqual([]);
  expect((await get({ ...query, format: 'csv' }).expect(200)).text).toMatch(/^jobId,kind,.*,finishedAt\r\n$/);
});

it.each(['csv', 'ndjson', 'parquet'])(
  '%s of a wrong filter or cursor is refused, and logged as no failure',
  async (format) => {
    const before = service.lines.length;
    const { body, headers } = await get({ format, filter: 'test.acuracy > 1' }).expect(400);
    expect(body.detail).toContain('did you mean test.accuracy?');
    expect(headers['content-disposition']).toBeUndefined();
    await get({ format, cursor: 'x' }).expect(400);
    expect(service.lines.slice(before).filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  },
);

/** Copies of the first job, newest first; the last of them, which is in the second batch, cannot be read. */
async function addMany(count: number): Promise<void> {
  const client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  const columnsOf = async (table: string) => {
    const { rows } = await client.query(
      `SELECT string_agg(column_name, ',') AS names FROM information_schema.columns WHERE table_name = $1
         AND column_name NOT IN ('id', 'job_id', 'finished_at', 'experiment', 'token', 'idempotency_key')`,
      [table],
    );
    return rows[0].names;
  };
  const [jobs, tests] = [await columnsOf('jobs'), await columnsOf('test_results')];
  await client.query(`
    SET session_replication_role = replica;
    CREATE TEMP TABLE copies AS SELECT job_id AS model, 'job_' || lpad(i::text, 26, '0') AS id,
      now() - make_interval(secs => i) AS at FROM generate_series(1, ${count}) i,
      (SELECT job_id FROM test_results LIMIT 1) AS one;
    INSERT INTO jobs (id, finished_at, experiment, ${jobs})
      SELECT copies.id, at, 'many', ${jobs} FROM copies JOIN jobs ON jobs.id = model;
    INSERT INTO test_results (job_id, finished_at, experiment, ${tests})
      SELECT copies.id, at, 'many', ${tests} FROM copies JOIN test_results ON job_id = model;
    UPDATE jobs SET spec = jsonb_set(spec, '{learningRate}', '"x"')
      WHERE id = 'job_' || lpad('${count}', 26, '0')`);
  await client.end();
}

it.each(['identity', 'gzip'])('a failure after the first byte breaks the connection (%s)', async (encoding) => {
  if (encoding === 'identity') await addMany(700);
  const headers = { authorization: `Bearer ${service.admin.secret}`, 'accept-encoding': encoding };
  const request = http.get({ port, path: '/v1/results?experiment=many&format=csv', headers });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  answer.resume();
  // A compressor may still hold all of the first part: then nothing was sent, and the answer says what failed.
  if (encoding === 'gzip' && answer.statusCode === 500) return;
  expect(answer.statusCode).toBe(200);
  const [error] = await once(answer, 'error');
  expect(error.code).toBe('ECONNRESET');
  expect(answer.complete).toBe(false);
});

// A timeout below the 8 s after which Postgres ends a statement that waits for a lock.
it('a client that is gone ends the read of the database', { timeout: 7000 }, async () => {
  const client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN; LOCK TABLE class_results');
  const headers = { authorization: `Bearer ${service.admin.secret}` };
  const request = http.get({ port, path: '/v1/results?format=parquet', headers });
  request.on('error', () => {});
  const waiting = async () => (await client.query('SELECT 1 FROM pg_locks WHERE NOT granted')).rowCount;
  await eventually('the read', async () => (await waiting()) === 1);
  request.destroy();
  await eventually('its end', async () => (await waiting()) === 0);
});
