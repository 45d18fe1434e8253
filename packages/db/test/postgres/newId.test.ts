import { jobIdSchema } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import { expect, test } from 'vitest';
import { newId as newIdAt } from '../../src/postgres/newId.js';

test('ids fit their schema, are all different, and sort by time', () => {
  const ids = Array.from({ length: 1000 }, () => newId('job'));
  for (const id of ids) expect(jobIdSchema.parse(id)).toBe(id);
  expect(new Set(ids).size).toBe(1000);
  const times = [0, 1, 65_535, 65_536, 1.7e12, 1.7e12 + 1, 2 ** 48 - 1].map((time) => newIdAt('job', time));
  expect(times.toSorted()).toEqual(times);
});
