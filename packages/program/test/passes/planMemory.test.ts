import { createHash } from 'node:crypto';
import {
  buildTrainProgram,
  elementCount,
  memoryOf,
  type Op,
  ops,
  type Program,
  planMemory,
  randomWords,
  type Slot,
  type SlotId,
  slotBytes,
  slotsRead,
  slotsWritten,
} from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from '../models.js';

/**
 * Replays a program: every byte of the block belongs to the slot that was last written to it. The inputs of an op must
 * be intact, and it may overwrite only one that the table allows and that no later op reads.
 */
function expectNoOverlap(program: Program): void {
  const { offsets, bytes } = planMemory(program);
  const owner = new Int32Array(bytes).fill(-1);
  const range = (id: SlotId): Int32Array => {
    const slot = program.slots[id] as Slot;
    const offset = offsets.get(id) as number;
    expect(offset % 64, `${slot.name} is aligned`).toBe(0);
    const size = slotBytes(slot);
    expect(offset + size).toBeLessThanOrEqual(bytes);
    return owner.subarray(offset, offset + size);
  };
  const transient = (id: SlotId) => program.slots[id]?.role === 'transient';
  const isWhole = (id: SlotId) => range(id).every((byte) => byte === memoryOf(program, id));
  const readLater = (id: SlotId, position: number) =>
    program.ops.slice(position + 1).some((op) => slotsRead(op).some((read) => memoryOf(program, read) === id));
  program.ops.forEach((op, position) => {
    const [reads, writes] = [slotsRead(op), slotsWritten(op)].map((ids) => ids.filter(transient)) as [
      SlotId[],
      SlotId[],
    ];
    for (const id of reads) expect(isWhole(id), `${op.kind} finds ${program.slots[id]?.name}`).toBe(true);
    for (const id of writes) range(id).fill(memoryOf(program, id));
    for (const id of writes) expect(isWhole(id), `${op.kind} leaves ${program.slots[id]?.name}`).toBe(true);
    for (const id of reads.filter((read) => !isWhole(read))) {
      expect(inPlaceInputs(op), `${op.kind} may write over ${program.slots[id]?.name}`).toContain(id);
      expect(offsets.get(id), 'it starts where the output does').toBe(offsets.get(inPlaceOutput(op) as SlotId));
      expect(readLater(memoryOf(program, id), position)).toBe(false);
    }
  });
}

const ruleOf = (op: Op) => ops[op.kind].inPlace;
const operand = (op: Op, group: 'in' | 'out', name: string) =>
  (op as unknown as Record<string, Record<string, SlotId>>)[group]?.[name];
const inPlaceInputs = (op: Op) => ruleOf(op)?.over.map((name) => operand(op, 'in', name)) ?? [];
const inPlaceOutput = (op: Op) => operand(op, 'out', ruleOf(op)?.out ?? '');

it('never lets slots overlap that are in use at the same time', () => {
  for (let seed = 0; seed < 60; seed++) expectNoOverlap(randomProgram(seed));
});

it('places every slot where the plain search through all that were placed before did', () => {
  const plans = Array.from({ length: 60 }, (_, seed) => [...planMemory(randomProgram(seed)).offsets]);
  const digest = createHash('sha256').update(JSON.stringify(plans)).digest('hex');
  expect(digest).toBe('43662beb957db456b5064842034b16d923c8f902e7c9f09e8dbad9ffe84c69db');
});

it('plans a training step with residuals and views in less than the sum of its slots', () => {
  const model = modelOf([
    { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 1 }, { type: 'batchNorm' }] },
    { type: 'activation', kind: 'gelu' },
    { type: 'flatten' },
    { type: 'dropout' },
    { type: 'dense', units: 4 },
  ]);
  const program = buildTrainProgram(trainOptions(model, { optimizer: optimizer('adam') }));
  expectNoOverlap(program);
  const transient = program.slots.filter(({ role, viewOf }) => role === 'transient' && viewOf === null);
  const sum = transient.reduce((bytes, { shape }) => bytes + 4 * elementCount(shape), 0);
  expect(planMemory(program).bytes).toBeLessThan(0.8 * sum);
});

it('writes an activation over its input where no later op reads it, and nowhere else', () => {
  const convolution = { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' } as const;
  const model = modelOf([
    convolution,
    { type: 'batchNorm' },
    { type: 'activation' },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ]);
  const program = buildTrainProgram(trainOptions(model));
  const { offsets } = planMemory(program);
  const at = (name: string) => offsets.get(program.slots.findIndex((slot) => slot.name === name));
  expect(at('activation_1/y')).toBe(at('batch_normalization_1/y'));
  expect(at('activation_1/dx')).toBe(at('batch_normalization_1/dx'));
  // Its gradient still needs the batch norm's input.
  expect(at('batch_normalization_1/y')).not.toBe(at('conv2d_1/y'));
});

/** Additions of random earlier slots, some of them through views, into new slots of random sizes. */
function randomProgram(seed: number): Program {
  const words = randomWords(400, seed, 0, 0);
  let next = 0;
  const draw = (below: number) => (words[next++] as number) % below;
  const slots: Slot[] = [];
  const make = (viewOf: SlotId | null, size: number): SlotId => {
    const id = slots.length;
    const dtype = size % 3 === 0 ? 'u8' : 'f32';
    slots.push({ id, name: `s${id}`, shape: [size], dtype, role: 'transient', viewOf, initializer: null });
    return id;
  };
  const written: SlotId[] = [];
  const ops: Op[] = [];
  const fed = make(null, 5);
  (slots[fed] as Slot).role = 'feed';
  const source = make(null, 5);
  ops.push({ kind: 'gatherLabels', in: { labels: fed, indices: fed }, out: { y: source } });
  written.push(source);
  for (let i = 0; i < 40; i++) {
    const pick = () => written[draw(written.length)] as SlotId;
    const y = make(null, [1 + draw(100), 40, 160][draw(3)] as number);
    ops.push({ kind: 'add', in: { a: pick(), b: pick() }, out: { y } });
    written.push(y);
    if (draw(4) === 0) {
      const { shape, dtype } = slots[y] as Slot;
      const view = make(y, shape[0] as number);
      (slots[view] as Slot).dtype = dtype;
      written.push(view);
    }
  }
  return { name: `random ${seed}`, slots, ops };
}
