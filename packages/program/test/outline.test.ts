import { buildTrainProgram, outlineProgram } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, trainOptions } from './models.js';

const options = trainOptions(
  modelOf([
    { type: 'conv2d', filters: 2, kernel: 3 },
    { type: 'activation', kind: 'relu' },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ]),
);
const built = buildTrainProgram({ ...options, passes: false });
const outline = outlineProgram(buildTrainProgram(options), built);

it('names, for every op of the built program, the op that computes it', () => {
  expect(outline.ops.flatMap(({ replaces }) => replaces).toSorted()).toEqual(
    built.ops.map(({ kind }) => kind).toSorted(),
  );
  expect(outline.dropped).toEqual([]);
  const fused = outline.ops.filter(({ replaces }) => replaces.length > 1);
  expect(fused.map(({ kind, replaces }) => ({ kind, replaces }))).toEqual([
    { kind: 'conv2d', replaces: ['conv2d', 'activation'] },
  ]);
});

it('names the ops that were dropped', () => {
  const logits = built.slots.find(({ name }) => name === 'dense_1/y');
  const extra = { ...(logits as NonNullable<typeof logits>), id: built.slots.length, name: 'unread' };
  const useless = { kind: 'softmax', in: { x: logits?.id as number }, out: { y: extra.id } } as const;
  const longer = { ...built, slots: [...built.slots, extra], ops: [...built.ops, useless] };
  expect(outlineProgram(buildTrainProgram(options), longer).dropped).toEqual(['softmax']);
});

it('places exactly the transient slots within the block of a step', () => {
  const operands = outline.ops.flatMap(({ reads, writes, updates }) => [...reads, ...writes, ...updates]);
  for (const { role, offset, bytes, slot } of operands) {
    if (role === 'transient') expect((offset as number) + bytes, slot).toBeLessThanOrEqual(outline.transientBytes);
    else expect(offset, slot).toBeNull();
  }
  // 12 images and their labels, a 3x3x3 kernel to 2 channels, 4 of 5 rows by 5 columns by 2 channels to 4 units,
  // biases, totals.
  const weights = 3 * 3 * 3 * 2 + 2 + 4 * 5 * 2 * 4 + 4;
  expect(outline.persistentBytes).toBe(12 * 6 * 7 * 3 + 12 * 4 + 4 * (weights + 3));
});
