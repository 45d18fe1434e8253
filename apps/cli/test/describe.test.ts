import { nativeAvailability } from '@trainyard/executor-native';
import { describe, expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';

async function typed(...args: string[]): Promise<string> {
  const { terminal, written } = captureTerminal();
  const code = await run(args, terminal, {});
  expect(written.error).toBe('');
  expect(code).toBe(0);
  return written.out;
}

describe('describing an architecture', () => {
  it.skipIf(!nativeAvailability().available)('prints the memory of its trainer, more for a larger batch', async () => {
    const memoryAt = async (batch: string) => JSON.parse(await typed('describe', 'cnn3', '--batch', batch, '--json'));
    const [small, large] = [await memoryAt('20'), await memoryAt('500')];
    expect([small.batchSize, large.batchSize]).toEqual([20, 500]);
    expect(large.memory.peakBytes).toBeGreaterThan(small.memory.peakBytes);
    expect(await typed('describe', 'cnn3', '--batch', '500')).toMatch(
      /the trainer needs \d+ MB of memory at batch 500:/,
    );
  });

  it('prints the program of its training step within 80 columns', async () => {
    for (const preset of ['lenet', 'vgg6', 'airbench94']) {
      const lines = (await typed('describe', preset, '--batch', '64', '--program')).split('\n');
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(lines.some((line) => /^\d+ {2}softmaxCrossEntropy/.test(line))).toBe(true);
    }
  });

  it('says which ops were fused, and where tensors lie', async () => {
    const outline = JSON.parse(await typed('describe', 'lenet', '--program', '--json'));
    const first = outline.ops.find(({ kind }: { kind: string }) => kind === 'convReluPool');
    expect(first.replaces).toEqual(['conv2d', 'activation', 'maxPool']);
    expect(first.reads[0]).toMatchObject({
      operand: 'x',
      slot: 'batch/images',
      shape: [20, 32, 32, 3],
      bytes: 245_760,
    });
    expect(first.reads[0].offset + 245_760).toBeLessThanOrEqual(outline.transientBytes);
  });
});
