import type { JobSpecInput } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { describe, expect, it } from 'vitest';
import { epochsOf, packToy, trainToy } from '../toy.js';

describe.skipIf(!nativeAvailability().available)('a training that needs more memory than there is', () => {
  const large: Partial<JobSpecInput> = {
    architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 60_000 }, { type: 'dense', units: 3 }] },
    epochs: 1,
  };

  it('fails before its first step, with a sentence', async () => {
    const executor = await openNativeExecutor({ threads: 1 });
    const trained = await trainToy(await packToy(), large, { executor, memoryBytes: 130e6 });
    expect(trained.messages).toHaveLength(1);
    expect(trained.last).toMatchObject({
      type: 'failed',
      failure: {
        code: 'out_of_memory',
        message: expect.stringMatching(
          /^the training needs 0\.\d GB of memory, and this worker may use 0\.1 GB: use a batchSize smaller/,
        ),
      },
    });
  });

  it('trains where there is just enough', async () => {
    const executor = await openNativeExecutor({ threads: 1 });
    const trained = await trainToy(await packToy(), large, { executor, memoryBytes: 400e6 });
    expect(epochsOf(trained)).toHaveLength(1);
  });
});
