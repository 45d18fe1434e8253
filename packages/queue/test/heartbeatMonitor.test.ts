import { expect, test } from 'vitest';
import { HeartbeatMonitor } from '../src/heartbeatMonitor.js';

const beat = (token: string, at: number) => ({ token, at: new Date(at) });

test('an attempt is silent when so many checks after the first find the same heartbeat', () => {
  const monitor = new HeartbeatMonitor(2);
  expect(monitor.check([beat('a', 1)])).toEqual([]);
  expect(monitor.check([beat('a', 1)])).toEqual([]);
  expect(monitor.check([beat('a', 1)])).toEqual([beat('a', 1)]);
});

test('a heartbeat restarts the count, also one of a clock that was set back', () => {
  const monitor = new HeartbeatMonitor(2);
  for (const at of [5, 5, 3, 3, 9]) expect(monitor.check([beat('a', at)])).toEqual([]);
  expect(monitor.check([beat('a', 9)])).toEqual([]);
  expect(monitor.check([beat('a', 9)])).toHaveLength(1);
});

test('heartbeats from before a failure of the database do not count, and a new attempt is not silent', () => {
  const monitor = new HeartbeatMonitor(2);
  for (let check = 0; check < 2; check++) monitor.check([beat('a', 1)]);
  monitor.reset();
  expect(monitor.check([beat('a', 1), beat('b', 1)])).toEqual([]);
  expect(monitor.check([beat('a', 1)])).toEqual([]);
  expect(monitor.check([beat('a', 1), beat('b', 1)])).toEqual([beat('a', 1)]);
});

test('an attempt that was forgotten gets its checks again, and the others keep theirs', () => {
  const monitor = new HeartbeatMonitor(1);
  monitor.check([beat('a', 1), beat('b', 1)]);
  monitor.forget(beat('a', 1));
  expect(monitor.check([beat('a', 1), beat('b', 1)])).toEqual([beat('b', 1)]);
});
