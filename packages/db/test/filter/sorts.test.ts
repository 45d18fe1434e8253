import { beforeAll, expect, it } from 'vitest';
import { useDatabase } from '../fixtures.js';
import { allPages, drawJobs, rowsOf } from './drawnJobs.js';

const suite = useDatabase();
beforeAll(() => drawJobs(suite.db));

const fields = ['name', 'state', 'finished', 'test.accuracy', 'train.loss', 'recall.cat', 'recall.dog', 'cost'];
fields.push('confusion.cat.dog', 'learningRate', 'schedule.type', 'augmentation.flip', 'priority', 'created');
fields.push('failure', 'spec.notThere');
/** With values that many rows share, and with some that rows lack. */
const several = ['priority,name', '-schedule.type,test.accuracy,-created', 'recall.cat,-priority,state,name'];
several.push('test.accuracy,-learningRate', '-test.accuracy,train.loss', 'recall.dog,-name,priority', 'name,-name');

const signOf = (key: string): number => (key.startsWith('-') ? -1 : 1);

/** Read once, as no test changes them. */
const read = (() => {
  let found: ReturnType<typeof rowsOf> | undefined;
  return () => {
    found ??= rowsOf(suite.db);
    return found;
  };
})();

it.each([...fields.flatMap((field) => [field, `-${field}`]), ...several])(
  'by %s pages have an order, with what lacks it last',
  async (sort) => {
    const { db } = suite;
    const all = await read();
    const keys = sort.split(',').map((key) => ({ path: key.replace(/^-/, '').split('.'), sign: signOf(key) }));
    const sortedBy = (id: string, path: string[]) => {
      const value = all.get(id)?.(path);
      return value instanceof Date ? value.getTime() : value;
    };
    const lists = {
      jobs: await allPages(async (cursor) => {
        const { data, nextCursor } = await db.jobs.list({ sort, limit: 7, ...cursor });
        return { ids: data.map(({ id }) => id), nextCursor };
      }),
      results: await allPages(async (cursor) => {
        const query = { sort, limit: 7, format: 'json', partial: true, foreign: false, ...cursor } as const;
        const { data, nextCursor } = await db.results.history(query);
        return { ids: data.map(({ jobId }) => jobId), nextCursor };
      }),
    };
    expect(new Set(lists.jobs)).toEqual(new Set(all.keys()));
    const tested = [...all].filter(([, row]) => row(['test', 'accuracy']) !== undefined).map(([id]) => id);
    expect(new Set(lists.results)).toEqual(new Set(tested));
    const inOrder = (ids: string[]) =>
      ids.toSorted((a, b) => {
        for (const { path, sign } of keys) {
          const [left, right] = [sortedBy(a, path), sortedBy(b, path)];
          if (left === right) continue;
          if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
          return left < right ? -sign : sign;
        }
        return a < b ? -(keys.at(-1)?.sign ?? 1) : (keys.at(-1)?.sign ?? 1);
      });
    for (const ids of Object.values(lists)) expect(ids).toEqual(inOrder(ids));
  },
);
