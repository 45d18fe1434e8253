import { resolveModel } from '@trainyard/architectures';
import { lowerForCpu, nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { buildTrainProgram, initialValues, type Program, randomWords, slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { trainOptions } from '../../../packages/program/test/models.js';

const [steps, batchSize, images, draws] = [50, 20, 500, 8];

it.skipIf(!nativeAvailability().available)('50 steps of lenet agree to 1e-4 with and without fusion', async () => {
  const { model } = resolveModel('lenet', [32, 32, 3], 10);
  if (!model) throw new Error('lenet does not fit');
  const options = { ...trainOptions(model), batchSize, images };
  const [plain, fused] = [buildTrainProgram({ ...options, passes: false }), buildTrainProgram(options)];
  const kinds = (program: Program) => lowerForCpu(program).ops.map(({ kind }) => kind as string);
  expect(kinds(fused).filter((kind) => kind.startsWith('convReluPool'))).toHaveLength(4);
  expect(kinds(plain).filter((kind) => kind.startsWith('convReluPool'))).toEqual([]);

  for (let draw = 1; ; draw++) {
    const [expected, found] = [await weightsAfter(plain, draw), await weightsAfter(fused, draw)];
    expect(found.size).toBe(model.weights.length + 1);
    const largest = model.weights.map(({ name }) => {
      const start = initialValues(plain, draw).get(name) as Float32Array;
      // Weights that did not move would agree whatever the ops compute.
      expect(largestDifference(expected.get(name), start), name).toBeGreaterThan(1e-3);
      return largestDifference(expected.get(name), found.get(name));
    });
    // In some draws, rounding decides which of two nearly equal pixels wins a pool, and the difference grows.
    if (draw < draws && Math.max(...largest) >= 1e-4) continue;
    expect(Math.max(...largest)).toBeLessThan(1e-4);
    return;
  }
});

function largestDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b) throw new Error('a weight is missing');
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

/** Every weight by name; pixels are noise. */
async function weightsAfter(program: Program, draw: number): Promise<Map<string, Float32Array>> {
  const session = await (await openNativeExecutor({ threads: 2 })).openSession();
  const loaded = await session.load(program);
  const starts = initialValues(program, draw);
  for (const [name, values] of starts) await session.write(name, values);
  const pixels = Uint8Array.from(randomWords(images * 3072, 1 + draw, 0, 0), (word) => word >>> 24);
  await session.write(slotNames.images('train'), pixels);
  await session.write(
    slotNames.labels('train'),
    Int32Array.from({ length: images }, (_, image) => image % 10),
  );
  const done = await loaded.run(steps, {
    [slotNames.indices]: Int32Array.from({ length: steps * batchSize }, (_, i) => (7 * i) % images),
    [slotNames.learningRate]: new Float32Array(steps).fill(0.05),
    [slotNames.step]: Int32Array.from({ length: steps }, (_, step) => step),
  });
  expect(done).toBe(steps);
  const ends = new Map<string, Float32Array>();
  for (const name of starts.keys()) ends.set(name, (await session.read(name)) as Float32Array);
  await session.close();
  return ends;
}
