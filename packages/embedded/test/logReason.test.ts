import { expect, it } from 'vitest';
import { reasonOf } from '../src/logReason.js';

const json = '{"level":30,"msg":"the worker waits for jobs"}\n';

it.each([
  ['a sentence', `${json}REDIS_URL leads to no server; set it\n`, 'REDIS_URL leads to no server; set it'],
  [
    'a stack',
    `${json}/x.js:7\n  throw new RangeError('no')\n  ^\n\nRangeError: no\n    at x (/x.js:7)\n\nNode.js v20.20.2\n`,
    'RangeError: no',
  ],
  ['lines of JSON alone', `${json}{"level":60,"msg":"failed","err":{"message":"no"}}\n`, 'failed: no'],
  ['half a line of JSON', '{"level":60,"msg":"fai', '{"level":60,"msg":"fai'],
  ['nothing', '', 'it wrote nothing to its log'],
])('finds the reason in a log that ends with %s', (_name, log, reason) => {
  expect(reasonOf(log)).toBe(reason);
});
