import { expect, it } from 'vitest';
import { failureCodeSchema, failureSchema, failures, isRetryable, storedFailureCodeSchema } from '../src/index.js';

it('knows every code once, and each as a code of the failure schema', () => {
  const codes = failures.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(failureCodeSchema.options).toEqual(codes);
  for (const code of codes) expect(failureSchema.parse({ code, message: 'why' })).toEqual({ code, message: 'why' });
  expect(failureSchema.safeParse({ code: 'unheard_of', message: 'why' }).success).toBe(false);
});

it('retries what may pass, and nothing that the next attempt would repeat', () => {
  const final = failures.filter(({ code }) => !isRetryable(code)).map(({ code }) => code);
  expect(final).toEqual([
    'diverged',
    'out_of_memory',
    'dataset_missing',
    'dataset_changed',
    'device_unavailable',
    'executor_unavailable',
    'invalid_spec',
  ]);
});

it('reads a stored code that this version does not know as an unexpected error', () => {
  expect(storedFailureCodeSchema.parse('worker_lost')).toBe('worker_lost');
  expect(storedFailureCodeSchema.parse('from_the_future')).toBe('trainer_error');
});
