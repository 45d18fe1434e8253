import { describe, expect, it } from 'vitest';
import { explainDeath } from '../src/death.js';

const death = { code: null, signal: null, lastLines: [], kernelKilled: false };

describe('why a trainer died', () => {
  it('is a crash when a person kills it', () => {
    const failure = explainDeath({ ...death, signal: 'SIGKILL' });
    expect(failure).toEqual({ code: 'trainer_crashed', message: 'the trainer was ended by SIGKILL' });
  });

  it('is want of memory when the kernel kills it for that', () => {
    expect(explainDeath({ ...death, signal: 'SIGKILL', kernelKilled: true })).toMatchObject({
      code: 'out_of_memory',
      message: expect.stringContaining('smaller batchSize'),
    });
  });

  it('is a crash when it ends by itself of something else while the kernel kills others', () => {
    expect(explainDeath({ ...death, signal: 'SIGSEGV', kernelKilled: true }).code).toBe('trainer_crashed');
  });

  it.each([
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  ])('is want of memory when its last words are "%s"', (line) => {
    expect(explainDeath({ ...death, signal: 'SIGABRT', lastLines: [line] }).code).toBe('out_of_memory');
  });

  it('is told with its exit code and its last words', () => {
    const { message } = explainDeath({ ...death, code: 7, lastLines: ['Error: no such kernel', '    at run'] });
    expect(message).toContain('exit code 7');
    expect(message).toContain('Error: no such kernel\n    at run');
  });
});
