import { elementCount } from './operands.js';
import type { Program, SlotInitializer } from './program.js';
import { randomWords, toUnit } from './random.js';

/**
 * First values of every f32 persistent slot that says how it starts (weights, optimiser state, averages, totals), by slot
 * name. The same seed gives the same values in every program of a model.
 */
export function initialValues(program: Program, seed: number): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const slot of program.slots) {
    if (slot.role !== 'persistent' || slot.dtype !== 'f32' || slot.initializer === null) continue;
    values.set(slot.name, drawn(slot.initializer, elementCount(slot.shape), seed));
  }
  return values;
}

function drawn(initializer: SlotInitializer, count: number, seed: number): Float32Array {
  switch (initializer.type) {
    case 'zeros':
      return new Float32Array(count);
    case 'ones':
      return new Float32Array(count).fill(1);
    case 'uniform': {
      const { bound, stream } = initializer;
      const words = randomWords(count, seed, stream, 0);
      const values = new Float32Array(count);
      // Millions of values: Float32Array.from would take ten times as long.
      for (let i = 0; i < count; i++) values[i] = (2 * toUnit(words[i] as number) - 1) * bound;
      return values;
    }
  }
}
