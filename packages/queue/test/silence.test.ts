import { expect, test } from 'vitest';
import { SilenceWatch } from '../src/silence.js';

const beat = (token: string, at: number) => ({ token, at: new Date(at) });

test('an attempt is silent when so many looks in a row find the heartbeat of the first', () => {
  const watch = new SilenceWatch(2);
  expect(watch.look([beat('a', 1)])).toEqual([]);
  expect(watch.look([beat('a', 1)])).toEqual([]);
  expect(watch.look([beat('a', 1)])).toEqual([beat('a', 1)]);
});

test('a heartbeat begins the count anew, also one of a clock that was set back', () => {
  const watch = new SilenceWatch(2);
  for (const at of [5, 5, 3, 3, 9]) expect(watch.look([beat('a', at)])).toEqual([]);
  expect(watch.look([beat('a', 9)])).toEqual([]);
  expect(watch.look([beat('a', 9)])).toHaveLength(1);
});

test('what was seen before the database was away does not count, and an attempt that is new is not silent', () => {
  const watch = new SilenceWatch(2);
  for (let look = 0; look < 2; look++) watch.look([beat('a', 1)]);
  watch.forget();
  expect(watch.look([beat('a', 1), beat('b', 1)])).toEqual([]);
  expect(watch.look([beat('a', 1)])).toEqual([]);
  expect(watch.look([beat('a', 1), beat('b', 1)])).toEqual([beat('a', 1)]);
});
