import { beforeAll, expect, it } from 'vitest';
import { useDatabase } from '../fixtures.js';
import { allPages, drawJobs, rowsOf } from './drawnJobs.js';

const suite = useDatabase();
beforeAll(() => drawJobs(suite.db));

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
sorts.push(
  'cost',
  'learningRate',
  'schedule.type',
  'augmentation.flip',
  'priority',
  'created',
  'failure',
  'spec.notThere',
);

/** Read once, as no test changes them. */
const read = (() => {
  let found: ReturnType<typeof rowsOf> | undefined;
  return () => {
    found ??= rowsOf(suite.db);
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
