import type { LayerInput } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import {
  buildTrainProgram,
  elementCount,
  initialValues,
  type Program,
  randomWords,
  slotNames,
} from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from '../models.js';

const layers: LayerInput[] = [
  { type: 'conv2d', filters: 4, kernel: 3, padding: 'same' },
  { type: 'activation', kind: 'relu' },
  {
    type: 'residual',
    layers: [
      { type: 'conv2d', filters: 4, kernel: 1 },
      { type: 'activation', kind: 'tanh' },
    ],
  },
  { type: 'maxPool' },
  { type: 'flatten' },
  { type: 'dense', units: 6 },
  { type: 'activation', kind: 'sigmoid' },
  { type: 'dense', units: 4 },
];

it('a program trains to the same weights with its passes and without, in fewer ops', async () => {
  const options = trainOptions(modelOf(layers), { optimizer: optimizer({ type: 'sgd', momentum: 0.9 }) });
  const optimized = buildTrainProgram(options);
  const plain = buildTrainProgram({ ...options, passes: false });
  expect(optimized.ops.length).toBe(plain.ops.length - 3);
  const [found, expected] = [await trained(optimized), await trained(plain)];
  for (const [slot, values] of expected) {
    expect(
      found.get(slot)?.every((value, i) => Math.abs(value - (values[i] as number)) < 1e-6),
      slot,
    ).toBe(true);
  }
});

/** Every weight and total after five steps. */
async function trained(program: Program): Promise<Map<string, Float32Array>> {
  const session = await (await openTfjsExecutor({ backend: 'cpu' })).openSession();
  const loaded = await session.load(program);
  const starts = initialValues(program, 1);
  for (const [slot, values] of starts) await session.write(slot, values);
  const pixels = randomWords(12 * elementCount([6, 7, 3]), 2, 0, 0);
  await session.write(
    slotNames.images('train'),
    Uint8Array.from(pixels, (word) => word >>> 24),
  );
  await session.write(
    slotNames.labels('train'),
    Int32Array.from({ length: 12 }, (_, i) => i % 4),
  );
  await loaded.run(5, {
    [slotNames.indices]: Int32Array.from({ length: 20 }, (_, i) => (7 * i) % 12),
    [slotNames.learningRate]: new Float32Array(5).fill(0.1),
    [slotNames.step]: Int32Array.of(0, 1, 2, 3, 4),
  });
  const ends = new Map<string, Float32Array>();
  for (const slot of starts.keys()) ends.set(slot, (await session.read(slot)) as Float32Array);
  await session.close();
  return ends;
}
