import { eliminateDeadOps, type Op, type Program, type Slot } from '@trainyard/program';
import { expect, it } from 'vitest';

const slot = (id: number, role: Slot['role'], viewOf: number | null = null): Slot => ({
  id,
  name: `slot${id}`,
  shape: [2, 2],
  dtype: 'f32',
  role,
  viewOf,
  initializer: null,
});
const add = (a: number, b: number, y: number): Op => ({ kind: 'add', in: { a, b }, out: { y } });

it('drops ops whose results are never read, ops that only those read, and their slots', () => {
  const slots = [
    slot(0, 'persistent'),
    slot(1, 'transient'),
    slot(2, 'transient'),
    slot(3, 'transient'),
    slot(4, 'transient'),
    slot(5, 'persistent'),
  ];
  const program: Program = {
    name: 'test',
    slots,
    ops: [add(0, 0, 1), add(0, 0, 2), add(2, 2, 3), add(3, 0, 4), add(1, 0, 5)],
  };
  const { ops, slots: left } = eliminateDeadOps(program);
  expect(left.map(({ name }) => name)).toEqual(['slot0', 'slot1', 'slot5']);
  expect(left.map(({ id }) => id)).toEqual([0, 1, 2]);
  expect(ops).toEqual([add(0, 0, 1), add(1, 0, 2)]);
});

it('keeps ops that are read through a view, and ops that update a slot that outlives the step', () => {
  const slots = [
    slot(0, 'persistent'),
    slot(1, 'transient'),
    slot(2, 'transient', 1),
    slot(3, 'persistent'),
    slot(4, 'feed'),
  ];
  const average: Op = { kind: 'ema', in: { w: 2, shares: 4 }, update: { average: 3 } };
  const program: Program = { name: 'test', slots, ops: [add(0, 0, 1), average] };
  expect(eliminateDeadOps(program)).toEqual(program);
});
