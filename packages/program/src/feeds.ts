import { elementCount } from '@trainyard/architectures';
import { ExecutorError, type SlotData } from './executor.js';
import { arrayOf } from './operands.js';
import type { Slot } from './slots.js';

type ValuesOf = Pick<Slot, 'name' | 'shape' | 'dtype'>;

/** @throws ExecutorError unless `values` has the slot's type and, `steps` times, its number of elements */
export function checkValues({ name, dtype, shape }: ValuesOf, values: SlotData, steps: number | null = null): void {
  const type = arrayOf[dtype];
  if (!(values instanceof type))
    throw new ExecutorError(`slot ${name} takes ${type.name}, not ${values.constructor.name}`);
  const count = elementCount(shape) * (steps ?? 1);
  if (values.length === count) return;
  const forSteps = steps === null ? '' : ` for ${steps} step${steps === 1 ? '' : 's'}`;
  throw new ExecutorError(`slot ${name} takes ${count} values${forSteps}, not ${values.length}`);
}

/**
 * The feeds of a run in the order of the program's feed slots.
 * @throws ExecutorError unless each feed slot, and no other, has values for all `steps`
 */
export function orderedFeeds(
  { name: program, slots }: { name: string; slots: readonly (ValuesOf & Pick<Slot, 'role'>)[] },
  steps: number,
  feeds: Record<string, SlotData>,
): SlotData[] {
  if (!Number.isSafeInteger(steps) || steps < 0) throw new ExecutorError(`${steps} is not a number of steps`);
  const fed = slots.filter(({ role }) => role === 'feed');
  for (const name of Object.keys(feeds)) {
    if (!fed.some((slot) => slot.name === name)) throw new ExecutorError(`program ${program} takes no ${name}`);
  }
  return fed.map((slot) => {
    const values = feeds[slot.name];
    if (values === undefined) throw new ExecutorError(`program ${program} needs ${slot.name}`);
    checkValues(slot, values, steps);
    return values;
  });
}
