import { type Op, type Program, type Slot, type SlotData, type SlotId, slotNames } from '@trainyard/program';
import { nativeAvailability, openNativeExecutor } from '../src/index.js';

export const available = nativeAvailability();

/** Slots by name, numbered in order. */
export function program(
  slots: readonly Omit<Slot, 'id' | 'viewOf' | 'initializer'>[],
  ops: (id: Ids) => Op[],
): Program {
  const ids = new Map(slots.map(({ name }, id) => [name, id]));
  const id = (name: string): SlotId => {
    const found = ids.get(name);
    if (found === undefined) throw new Error(`no slot ${name}`);
    return found;
  };
  return {
    name: 'test',
    slots: slots.map((slot, position) => ({ ...slot, id: position, viewOf: null, initializer: null })),
    ops: ops(id),
  };
}
type Ids = (name: string) => SlotId;

/** Adds the fed `gain` [] to `sum` [] at each step. */
export const counter: Program = program(
  [
    { name: 'sum', shape: [], dtype: 'f32', role: 'persistent' },
    { name: 'zero', shape: [], dtype: 'f32', role: 'persistent' },
    { name: 'gain', shape: [], dtype: 'f32', role: 'feed' },
    { name: 'copy', shape: [], dtype: 'f32', role: 'transient' },
  ],
  (id) => [
    { kind: 'add', in: { a: id('gain'), b: id('zero') }, out: { y: id('copy') } },
    { kind: 'add', in: { a: id('sum'), b: id('copy') }, out: { y: id('sum') } },
  ],
);

/** A product that takes about a millisecond a step. */
export const slow: Program = program(
  [
    { name: 'x', shape: [256, 1024], dtype: 'f32', role: 'persistent' },
    { name: 'w', shape: [1024, 1024], dtype: 'f32', role: 'persistent' },
    { name: 'y', shape: [256, 1024], dtype: 'f32', role: 'transient' },
  ],
  (id) => [{ kind: 'dense', in: { x: id('x'), w: id('w'), b: null }, out: { y: id('y') }, activation: null }],
);

/** Gathers two of three 1x1 images of one channel, and their labels. */
export const gathering: Program = program(
  [
    { name: slotNames.images('train'), shape: [3, 1, 1, 1], dtype: 'u8', role: 'persistent' },
    { name: slotNames.labels('train'), shape: [3], dtype: 'i32', role: 'persistent' },
    { name: slotNames.indices, shape: [2], dtype: 'i32', role: 'feed' },
    { name: 'pixels', shape: [2, 1, 1, 1], dtype: 'f32', role: 'persistent' },
    { name: 'classes', shape: [2], dtype: 'i32', role: 'persistent' },
  ],
  (id) => [
    {
      kind: 'gatherImages',
      in: { images: id(slotNames.images('train')), indices: id(slotNames.indices), step: null, epoch: null },
      out: { y: id('pixels') },
      mean: [0],
      std: [1 / 255],
      augmentation: null,
      view: null,
      random: { seed: 0, stream: 0 },
    },
    {
      kind: 'gatherLabels',
      in: { labels: id(slotNames.labels('train')), indices: id(slotNames.indices) },
      out: { y: id('classes') },
    },
  ],
);

export async function openSession() {
  return (await openNativeExecutor({ threads: 2 })).openSession();
}

export const numbers = (data: SlotData): number[] => Array.from(data);
