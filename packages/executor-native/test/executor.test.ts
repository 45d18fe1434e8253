import { describe, expect, it } from 'vitest';
import { openNativeExecutor } from '../src/index.js';
import { available } from './helpers.js';

describe.skipIf(!available.available)('openNativeExecutor', () => {
  it('describes what computes, and with how many threads', async () => {
    const { info } = await openNativeExecutor({ threads: 1 });
    expect(info).toMatchObject({ name: 'native', device: 'cpu', threads: 1 });
    // TRAINYARD_ISA is the best instruction set that may be used; test/sanitize.sh runs the tests with each.
    const isa = process.env.TRAINYARD_ISA ?? '(baseline|avx2|avx512)';
    expect(info.version).toMatch(new RegExp(`^oneDNN \\d+\\.\\d+\\.\\d+ \\(${isa}\\)$`));
  });

  it('rejects a number of threads below one', async () => {
    await expect(openNativeExecutor({ threads: 0 })).rejects.toThrow(/0 is not a number of threads/);
  });
});
