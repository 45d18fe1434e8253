import { OutOfMemoryError } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { available, openSession, program } from './helpers.js';

describe.skipIf(!available.available)('memory', () => {
  it('that the system refuses is an OutOfMemoryError with the bytes asked for', async () => {
    const session = await openSession();
    const elements = 2 ** 46;
    const huge = program([{ name: 'huge', shape: [elements], dtype: 'f32', role: 'persistent' }], () => []);
    const error = await session.load(huge).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as OutOfMemoryError).bytes).toBe(elements * 4);
    await session.close();
  });
});
