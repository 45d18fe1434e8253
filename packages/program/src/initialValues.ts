import { elementCount } from '@trainyard/architectures';
import type { Program } from './program.js';
import { randomWords, toUnit } from './random.js';
import type { SlotInitializer } from './slots.js';

/**
 * First values of every f32 persistent slot with an initializer (weights, optimiser state, averages, totals), by slot
 * name. With the same seed they are the same in every program of a model.
 */
export function initialValues(program: Program, seed: number): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const slot of program.slots) {
    if (slot.role !== 'persistent' || slot.dtype !== 'f32' || slot.initializer === null) continue;
    values.set(slot.name, firstValues(slot.initializer, slot.shape, seed));
  }
  return values;
}

function firstValues(initializer: SlotInitializer, shape: readonly number[], seed: number): Float32Array {
  const count = elementCount(shape);
  switch (initializer.type) {
    case 'zeros':
      return new Float32Array(count);
    case 'ones':
      return new Float32Array(count).fill(1);
    case 'uniform':
    case 'whitening':
      return uniform(initializer, count, seed);
    case 'dirac':
      return dirac(uniform(initializer, count, seed), shape, initializer.groups);
  }
}

function uniform({ bound, stream }: { bound: number; stream: number }, count: number, seed: number): Float32Array {
  const words = randomWords(count, seed, stream, 0);
  const values = new Float32Array(count);
  // Float32Array.from would take ten times as long for millions of values.
  for (let i = 0; i < count; i++) values[i] = (2 * toUnit(words[i] as number) - 1) * bound;
  return values;
}

/** Makes the first filters of each group of a kernel [height, width, channels, filters] pass its channels through. */
function dirac(
  kernel: Float32Array,
  [height = 1, width = 1, channels = 1, filters = 1]: readonly number[],
  groups: number,
): Float32Array {
  const centre = Math.floor(height / 2) * width + Math.floor(width / 2);
  const passing = Math.min(channels, filters / groups);
  for (let row = 0; row < height * width * channels; row++) {
    const channel = row - centre * channels;
    for (let first = row * filters; first < (row + 1) * filters; first += filters / groups) {
      kernel.fill(0, first, first + passing);
      if (channel >= 0 && channel < passing) kernel[first + channel] = 1;
    }
  }
  return kernel;
}
