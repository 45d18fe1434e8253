import { parseFilter } from '@trainyard/query';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { filterToSql } from '../../src/filter/filterToSql.js';
import { jobFields } from '../../src/filter/jobFields.js';
import { Postgres } from '../../src/postgres/postgres.js';
import { sql } from '../../src/postgres/sql.js';
import { metrics, runningJob, submission, testResults, useDatabase } from '../fixtures.js';
import { evaluate, type Row } from './evaluate.js';

const suite = useDatabase();

/** The same draws in each run; `npm run test:only` prints a failing filter. */
let state = 20_260_101;
function draw(count: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * count);
}
const oneOf = <T>(items: readonly T[]): T => items[draw(items.length)] as T;

const names = [undefined, 'first', 'Second', 'a%b', 'a_b', "it's", '100'];
const tags = ['night', 'sweep', 'a b'];
const rates = [0.01, 0.1, 1];
const schedules = [{ type: 'constant' }, { type: 'cosine' }];

beforeAll(async () => {
  const { db } = suite;
  for (let i = 0; i < 80; i += 1) {
    const spec = {
      name: oneOf(names),
      tags: tags.filter(() => draw(2) === 1),
      learningRate: oneOf(rates),
      schedule: oneOf(schedules),
      epochs: 2,
      priority: draw(3),
      augmentation: { flip: draw(2) === 1 },
    };
    if (draw(4) === 0) {
      await db.jobs.submit(submission(spec, { architecture: oneOf(['cnn3', 'vgg6']) }));
      continue;
    }
    const { token } = await runningJob(db, spec);
    if (draw(5) > 0) await db.attempts.epoch(token, metrics(1, { validationAccuracy: draw(10) / 10 }), null);
    else continue;
    if (draw(4) > 0) await db.attempts.succeed(token, testResults(1, draw(10)));
    else await db.attempts.fail(token, { code: 'diverged', message: 'NaN' }, { retryable: false });
  }
});

/** Each job as a filter sees it, read by the methods that the API uses. */
async function rows(): Promise<Map<string, Row>> {
  const { db } = suite;
  const { data } = await db.jobs.list({ sort: '-created', limit: 500 });
  const found = new Map<string, Row>();
  for (const job of data) {
    const results = await db.results.find(job.id);
    const [first] = await db.metrics.list(job.id);
    const known: Record<string, ReturnType<Row> | null> = {
      id: job.id,
      name: job.name,
      experiment: job.experiment,
      tag: job.tags.length ? job.tags : null,
      state: job.state,
      architecture: job.architecture,
      priority: job.priority,
      parameters: job.parameters,
      failure: job.failure?.code ?? null,
      created: new Date(job.createdAt),
      finished: job.finishedAt === null ? null : new Date(job.finishedAt),
      'test.accuracy': results?.accuracy ?? null,
      'test.macroF1': results?.macroF1 ?? null,
      'test.top5Accuracy': results?.top5Accuracy ?? null,
      'validation.accuracy': job.best?.validationAccuracy ?? null,
      'train.loss': job.best ? (first?.trainLoss ?? null) : null,
      'recall.cat': results?.classes[0]?.recall ?? null,
      'recall.dog': null,
      'precision.cat': results?.classes[0]?.precision ?? null,
      'confusion.cat.dog': results?.confusion[0]?.[1] ?? null,
      'confusion.cat.bird': null,
      learningRate: job.spec.learningRate,
      'schedule.type': job.spec.schedule.type,
      'spec.epochs': job.spec.epochs,
      'augmentation.flip': job.spec.augmentation.flip as boolean,
    };
    found.set(job.id, (path) => known[path.join('.')] ?? undefined);
  }
  return found;
}

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

type Read = (cursor: { cursor?: string }) => Promise<{ ids: string[]; nextCursor: string | null }>;
async function allPages(read: Read): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await read(cursor === '' ? {} : { cursor });
    ids.push(...page.ids);
    cursor = page.nextCursor;
  }
  return ids;
}

it('random filters select the rows for which their plain evaluation is true', async () => {
  const postgres = new Postgres(suite.url, { poolSize: 2 });
  onTestFinished(() => postgres.close());
  const all = await rows();
  expect(all.size).toBe(80);
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
    const query = { filter, sort: '-accuracy', limit: 4, format: 'json', partial: false, ...cursor } as const;
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

const sorts = [
  'name',
  'state',
  'finished',
  'test.accuracy',
  'train.loss',
  'recall.cat',
  'recall.dog',
  'confusion.cat.dog',
];
sorts.push('learningRate', 'schedule.type', 'augmentation.flip', 'priority', 'created', 'failure', 'spec.notThere');

/** Read once, as no test changes them. */
const read = (() => {
  let found: ReturnType<typeof rows> | undefined;
  return () => {
    found ??= rows();
    return found;
  };
})();

it.each(sorts.flatMap((sort) => [sort, `-${sort}`]))(
  'by %s pages have an order, with what lacks it last',
  async (sort) => {
    const { db } = suite;
    const all = await read();
    const path = sort.replace(/^-/, '').split('.');
    const sortedBy = (id: string) => {
      const value = all.get(id)?.(path);
      return value instanceof Date ? value.getTime() : value;
    };
    const lists = {
      jobs: await allPages(async (cursor) => {
        const { data, nextCursor } = await db.jobs.list({ sort, limit: 7, ...cursor });
        return { ids: data.map(({ id }) => id), nextCursor };
      }),
      results: await allPages(async (cursor) => {
        const query = { sort, limit: 7, format: 'json', partial: true, ...cursor } as const;
        const { data, nextCursor } = await db.results.history(query);
        return { ids: data.map(({ jobId }) => jobId), nextCursor };
      }),
    };
    expect(new Set(lists.jobs)).toEqual(new Set(all.keys()));
    const tested = [...all].filter(([, row]) => row(['test', 'accuracy']) !== undefined).map(([id]) => id);
    expect(new Set(lists.results)).toEqual(new Set(tested));
    const sign = sort.startsWith('-') ? -1 : 1;
    const inOrder = (ids: string[]) =>
      ids.toSorted((a, b) => {
        const [left, right] = [sortedBy(a), sortedBy(b)];
        if (left === undefined || right === undefined) {
          if (left !== right) return left === undefined ? 1 : -1;
        } else if (left !== right) return left < right ? -sign : sign;
        return a < b ? -sign : sign;
      });
    for (const ids of Object.values(lists)) expect(ids).toEqual(inOrder(ids));
  },
);
