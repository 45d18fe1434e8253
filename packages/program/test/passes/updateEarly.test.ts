import { buildTrainProgram, type Op, type Program, planMemory, slotNames, updateEarly } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from '../models.js';

const model = modelOf([
  { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
  { type: 'batchNorm' },
  { type: 'activation' },
  { type: 'flatten' },
  { type: 'dense', units: 32 },
  { type: 'dense', units: 4 },
]);
const plain = buildTrainProgram({
  ...trainOptions(model, { optimizer: optimizer('adam'), ema: true }),
  passes: false,
});

/** Position of the op that updates this slot. */
function placeOf(program: Program, name: string): number {
  const id = program.slots.findIndex((slot) => slot.name === name);
  return program.ops.findIndex((op) => 'update' in op && Object.values(op.update).includes(id));
}
const placeOfKind = (program: Program, kind: Op['kind']) => program.ops.findIndex((op) => op.kind === kind);

it('updates a weight as soon as its gradient is computed and its old value was last read', () => {
  const early = updateEarly(plain);
  const last = placeOfKind(early, 'denseGradInput');
  expect(placeOf(early, 'dense_2/kernel')).toBe(last + 1);
  expect(placeOf(early, 'dense_2/bias')).toBeLessThan(last);
  expect(placeOf(early, slotNames.ema('dense_2/kernel'))).toBe(placeOf(early, 'dense_2/kernel') + 1);
  expect(placeOf(early, slotNames.totals('train'))).toBe(placeOfKind(early, 'softmaxCrossEntropy') + 1);
});

it('moves nothing that writes a slot of the step, and loses no op', () => {
  const early = updateEarly(plain);
  const others = (program: Program) => program.ops.filter((op) => 'out' in op);
  expect(others(early)).toEqual(others(plain));
  expect(new Set(early.ops)).toEqual(new Set(plain.ops));
});

it('lets gradients share memory', () => {
  const layers = Array.from({ length: 4 }, () => ({ type: 'dense', units: 64 }) as const);
  const deep = modelOf([{ type: 'flatten' }, ...layers, { type: 'dense', units: 4 }], [8, 8, 1]);
  const plain = buildTrainProgram({ ...trainOptions(deep), passes: false });
  expect(planMemory(updateEarly(plain)).bytes).toBeLessThan(0.5 * planMemory(plain).bytes);
});
