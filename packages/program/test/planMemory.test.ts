import {
  buildTrainProgram,
  bytesPerElement,
  elementCount,
  memoryOf,
  type Op,
  type Program,
  planMemory,
  randomWords,
  type Slot,
  type SlotId,
  slotsRead,
  slotsWritten,
} from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from './models.js';

/** Replays a program: every byte of the block belongs to the slot that was written to it last. */
function expectNoOverlap(program: Program): void {
  const { offsets, bytes } = planMemory(program);
  const owner = new Int32Array(bytes).fill(-1);
  const range = (id: SlotId): Int32Array => {
    const slot = program.slots[id] as Slot;
    const offset = offsets.get(id) as number;
    expect(offset % 64, `${slot.name} is aligned`).toBe(0);
    const size = elementCount(slot.shape) * bytesPerElement[slot.dtype];
    expect(offset + size).toBeLessThanOrEqual(bytes);
    return owner.subarray(offset, offset + size);
  };
  const transient = (id: SlotId) => program.slots[id]?.role === 'transient';
  for (const op of program.ops) {
    for (const id of slotsWritten(op).filter(transient)) range(id).fill(memoryOf(program, id));
    // After the op has written: its outputs may not lie on its inputs either.
    for (const id of [...slotsRead(op), ...slotsWritten(op)].filter(transient)) {
      const intact = range(id).every((byte) => byte === memoryOf(program, id));
      expect(intact, `${op.kind} finds ${program.slots[id]?.name}`).toBe(true);
    }
  }
}

it('never lets slots overlap that hold something at the same time', () => {
  for (let seed = 0; seed < 60; seed++) expectNoOverlap(randomProgram(seed));
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
  const source = make(null, 5);
  ops.push({ kind: 'gatherLabels', in: { labels: source, indices: source }, out: { y: source } });
  written.push(source);
  for (let i = 0; i < 40; i++) {
    const pick = () => written[draw(written.length)] as SlotId;
    const y = make(null, 1 + draw(100));
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
