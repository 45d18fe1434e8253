import { expect, it } from 'vitest';
import { failureCodeSchema, failureSchema, failures, isRetryable, storedFailureCodeSchema } from '../src/index.js';

it('has every code once, and the failure schema accepts each of them', () => {
  const codes = failures.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(failureCodeSchema.options).toEqual(codes);
  for (const code of codes) expect(failureSchema.parse({ code, message: 'why' })).toEqual({ code, message: 'why' });
  expect(failureSchema.safeParse({ code: 'unknown_code', message: 'why' }).success).toBe(false);
});

it('retries every failure but those that the next attempt would repeat', () => {
  const final = failures.filter(({ code }) => !isRetryable(code)).map(({ code }) => code);
  expect(final).toEqual([
    'diverged',
    'out_of_memory',
    'dataset_missing',
    'dataset_changed',
    'device_unavailable',
    'executor_unavailable',
    'invalid_spec',
    'checkpoint_missing',
    'initial_weights_unusable',
  ]);
});

it('reads a stored code that this version does not have as an unexpected error', () => {
  expect(storedFailureCodeSchema.parse('worker_lost')).toBe('worker_lost');
  expect(storedFailureCodeSchema.parse('from_the_future')).toBe('trainer_error');
});
