import { describe, expect, it } from 'vitest';
import { explainDeath } from '../../src/supervision/trainerDeath.js';

const exit = { code: null, signal: null, lastLines: [], kernelKilled: false };

describe('the failure of a trainer that died', () => {
  it('is trainer_crashed when a person kills it', () => {
    const failure = explainDeath({ ...exit, signal: 'SIGKILL' });
    expect(failure).toEqual({ code: 'trainer_crashed', message: 'the trainer was ended by SIGKILL' });
  });

  it('is out_of_memory when the kernel killed it because memory ran out', () => {
    expect(explainDeath({ ...exit, signal: 'SIGKILL', kernelKilled: true })).toMatchObject({
      code: 'out_of_memory',
      message: expect.stringContaining('smaller batchSize'),
    });
  });

  it('is trainer_crashed when it ends by itself while the kernel kills other processes', () => {
    expect(explainDeath({ ...exit, signal: 'SIGSEGV', kernelKilled: true }).code).toBe('trainer_crashed');
  });

  it.each([
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  ])('is out_of_memory when the last line of its standard error is "%s"', (line) => {
    expect(explainDeath({ ...exit, signal: 'SIGABRT', lastLines: [line] }).code).toBe('out_of_memory');
  });

  it('says the exit code and the last lines of its standard error', () => {
    const { message } = explainDeath({ ...exit, code: 7, lastLines: ['Error: no such kernel', '    at run'] });
    expect(message).toContain('exit code 7');
    expect(message).toContain('Error: no such kernel\n    at run');
  });
});
