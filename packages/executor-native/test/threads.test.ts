import { describe, expect, it } from 'vitest';
import { openNativeExecutor } from '../src/index.js';
import { available } from './helpers.js';

describe.skipIf(!available.available)('openNativeExecutor', () => {
  it('tells what computes and with how many threads', async () => {
    const { info } = await openNativeExecutor({ threads: 1 });
    expect(info).toMatchObject({ name: 'native', device: 'cpu', threads: 1 });
    expect(info.version).toMatch(/^oneDNN \d+\.\d+\.\d+ \((baseline|avx2|avx512)\)$/);
  });

  it('refuses a number of threads that is none', async () => {
    await expect(openNativeExecutor({ threads: 0 })).rejects.toThrow(/0 is not a number of threads/);
  });
});
