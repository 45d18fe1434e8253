import type { Op } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { available, openSession, program } from './helpers.js';

/** An op of a caller that does not keep to the types. */
const broken = (op: Record<string, unknown>) =>
  program(
    [
      { name: 'x', shape: [2], dtype: 'f32', role: 'persistent' },
      { name: 'y', shape: [2], dtype: 'f32', role: 'persistent' },
    ],
    () => [op as unknown as Op],
  );

const operands = { in: { x: 0 }, out: { y: 1 } };

describe.skipIf(!available.available)('an op that does not agree with the table', () => {
  it.each([
    ['has no operand', { kind: 'scale', in: {}, out: { y: 1 }, factor: 2 }, 'scale: no slot x'],
    ['has no field', { kind: 'scale', ...operands }, 'scale: no field factor'],
    ['has a record without a field', { kind: 'activation', ...operands, activation: { kind: 'relu' } }, 'slope'],
    [
      'has an unknown value of an enum',
      { kind: 'activation', ...operands, activation: { kind: 'swish', slope: 0 } },
      'activation: activation.kind swish',
    ],
    ['is of an unknown kind', { kind: 'halve', ...operands }, 'unknown op halve'],
  ])('is refused when it %s', async (_, op, message) => {
    const session = await openSession();
    await expect(session.load(broken(op))).rejects.toThrow(message);
    await session.close();
  });
});
