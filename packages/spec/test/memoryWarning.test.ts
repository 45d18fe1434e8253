import { expect, it } from 'vitest';
import { assumedDataset, checkSpec, memoryBound, memoryWarning } from '../src/index.js';

const needed = { peakBytes: 26.9e9 };
const cpu = (memoryBytes: number | null) => ({ device: 'cpu', memoryBytes });

it('names what is needed and what the largest connected worker has', () => {
  const remedy = 'use a smaller batchSize or network, or connect a worker with more memory';
  expect(memoryWarning(needed, { device: 'auto' }, [cpu(8e9), cpu(23.1e9)])).toBe(
    `the trainer needs 26.9 GB of memory, and the largest of 2 connected workers has 23.1 GB: ${remedy}`,
  );
  expect(memoryWarning(needed, { device: 'cpu' }, [cpu(8e9)])).toContain('and the connected worker has 8.0 GB');
});

it('is silent where a worker has the memory, or may have it', () => {
  expect(memoryWarning(needed, { device: 'auto' }, [cpu(8e9), cpu(64e9)])).toBeNull();
  expect(memoryWarning(needed, { device: 'auto' }, [])).toBeNull();
  expect(memoryWarning(needed, { device: 'auto' }, [cpu(8e9), cpu(null)])).toBeNull();
  const gpu = { device: 'cuda:0', memoryBytes: 8e9 };
  expect(memoryWarning(needed, { device: 'auto' }, [gpu])).toBeNull();
  expect(memoryWarning(needed, { device: 'cpu' }, [gpu])).not.toBeNull();
});

it('has a bound from sizes alone that grows with the batch and the weights', () => {
  const bound = (input: object) => {
    const { spec, model } = checkSpec({ architecture: 'vgg6', ...input }, assumedDataset);
    if (!spec || !model) throw new Error('invalid spec');
    return memoryBound({ spec, model, dataset: assumedDataset });
  };
  expect(bound({ batchSize: 400 })).toBeGreaterThan(bound({ batchSize: 20 }));
  expect(bound({ batchSize: 20 })).toBeGreaterThan(bound({ architecture: 'lenet', batchSize: 20 }));
});
