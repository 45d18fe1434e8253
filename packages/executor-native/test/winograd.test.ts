import type { Convolution } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { openNativeExecutor } from '../src/index.js';
import { available, program } from './helpers.js';

const convolution: Convolution = {
  stride: [1, 1],
  dilation: [1, 1],
  padding: { top: 1, bottom: 1, left: 1, right: 1 },
  groups: 1,
};
const shapes = {
  x: [5, 15, 17, 40],
  w: [3, 3, 40, 24],
  y: [5, 15, 17, 24],
  dx: [5, 15, 17, 40],
  dw: [3, 3, 40, 24],
  db: [24],
};

const passes = program(
  Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'f32', role: 'persistent' })),
  (id) => [
    {
      kind: 'conv2d',
      in: { x: id('x'), w: id('w'), b: null },
      out: { y: id('y') },
      convolution,
      activation: { kind: 'relu', slope: 0 },
    },
    { kind: 'conv2dGradInput', in: { dy: id('y'), w: id('w') }, out: { dx: id('dx') }, convolution },
    { kind: 'conv2dGradFilter', in: { x: id('x'), dy: id('y') }, out: { dw: id('dw'), db: id('db') }, convolution },
  ],
);

const wave = (shape: readonly number[], frequency: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(frequency * i));

async function resultsWith(threads: number) {
  const session = await (await openNativeExecutor({ threads })).openSession();
  try {
    const loaded = await session.load(passes);
    await session.write('x', wave(shapes.x, 0.7));
    await session.write('w', wave(shapes.w, 1.3));
    await loaded.run(2, {});
    return Object.fromEntries(
      await Promise.all(['y', 'dx', 'dw', 'db'].map(async (name) => [name, await session.read(name)] as const)),
    );
  } finally {
    await session.close();
  }
}

describe.skipIf(!available.available)('a 3x3 convolution by way of Winograd', () => {
  it('gives the same bits on any number of threads', async () => {
    const alone = await resultsWith(1);
    expect(await resultsWith(2)).toEqual(alone);
    expect(await resultsWith(3)).toEqual(alone);
  });
});
