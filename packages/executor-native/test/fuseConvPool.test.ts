import { type Op, type Program, randomWords, toUnit } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { fuseConvPool } from '../src/fuseConvPool.js';
import { available, openSession, program } from './helpers.js';

interface Case {
  batch: number;
  input: [height: number, width: number, channels: number];
  kernel: [height: number, width: number];
  filters: number;
  /** On all four sides. */
  padding: number;
  bias: boolean;
  inputGradient: boolean;
}

const cases: Case[] = [
  { batch: 3, input: [32, 32, 3], kernel: [5, 5], filters: 6, padding: 0, bias: true, inputGradient: false },
  { batch: 2, input: [14, 14, 6], kernel: [5, 5], filters: 16, padding: 0, bias: true, inputGradient: true },
  { batch: 5, input: [9, 11, 1], kernel: [3, 2], filters: 5, padding: 1, bias: false, inputGradient: true },
  { batch: 1, input: [7, 6, 4], kernel: [1, 3], filters: 9, padding: 2, bias: true, inputGradient: true },
  { batch: 4, input: [13, 12, 16], kernel: [4, 4], filters: 11, padding: 3, bias: true, inputGradient: true },
];

/**
 * conv2d + relu + pool and their gradients. `alone`: nothing else reads the values between them, so they are fused;
 * otherwise an add reads the convolution's output.
 */
function convPool({ batch, input, kernel, filters, padding, bias, inputGradient }: Case, alone: boolean): Program {
  const [height, width, channels] = input;
  const rows = height + 2 * padding - kernel[0] + 1;
  const columns = width + 2 * padding - kernel[1] + 1;
  const [before, after] = [
    [batch, rows, columns, filters],
    [batch, Math.floor(rows / 2), Math.floor(columns / 2), filters],
  ];
  const persistent = (name: string, shape: number[]) => ({ name, shape, dtype: 'f32', role: 'persistent' }) as const;
  const transient = (name: string) => ({ name, shape: before, dtype: 'f32', role: 'transient' }) as const;
  const slots = [
    persistent('x', [batch, ...input]),
    persistent('w', [...kernel, channels, filters]),
    persistent('b', [filters]),
    persistent('y', after),
    persistent('dy', after),
    persistent('dx', [batch, ...input]),
    persistent('dw', [...kernel, channels, filters]),
    persistent('db', [filters]),
    ...['conv', 'poolGradient', 'reluGradient', 'reader'].map(transient),
  ];
  const convolution = {
    stride: [1, 1] as const,
    dilation: [1, 1] as const,
    padding: { top: padding, bottom: padding, left: padding, right: padding },
    groups: 1,
  };
  const window = { size: [2, 2] as const, stride: [2, 2] as const };
  const relu = { kind: 'relu', slope: 0 } as const;
  return program(slots, (id) => {
    const ops: Op[] = [
      {
        kind: 'conv2d',
        in: { x: id('x'), w: id('w'), b: bias ? id('b') : null },
        out: { y: id('conv') },
        convolution,
        activation: relu,
      },
      { kind: 'maxPool', in: { x: id('conv') }, out: { y: id('y') }, window },
      {
        kind: 'maxPoolGrad',
        in: { x: id('conv'), y: id('y'), dy: id('dy') },
        out: { dx: id('poolGradient') },
        window,
      },
      {
        kind: 'activationGrad',
        in: { saved: id('conv'), dy: id('poolGradient') },
        out: { dx: id('reluGradient') },
        activation: relu,
      },
      {
        kind: 'conv2dGradFilter',
        in: { x: id('x'), dy: id('reluGradient') },
        out: { dw: id('dw'), db: bias ? id('db') : null },
        convolution,
      },
    ];
    if (inputGradient) {
      const operands = { dy: id('reluGradient'), w: id('w') };
      ops.push({ kind: 'conv2dGradInput', in: operands, out: { dx: id('dx') }, convolution });
    }
    if (!alone) ops.push({ kind: 'add', in: { a: id('conv'), b: id('conv') }, out: { y: id('reader') } });
    return ops;
  });
}

const outputs = ['y', 'dx', 'dw', 'db'];

async function results(of: Program): Promise<number[][]> {
  const session = await openSession();
  const loaded = await session.load(of);
  for (const [stream, name] of ['x', 'w', 'b', 'dy'].entries()) {
    const { length } = await session.read(name);
    await session.write(
      name,
      Float32Array.from(randomWords(length, 1, stream, 0), (word) => 2 * toUnit(word) - 1),
    );
  }
  // Twice: what a step leaves behind must not show in the next.
  await loaded.run(2, {});
  const values = [];
  for (const name of outputs) values.push(Array.from(await session.read(name)));
  await session.close();
  return values;
}

describe('the fusing of convolution, relu and max-pool', () => {
  it('leaves two ops of six', () => {
    const kinds = fuseConvPool(convPool(cases[1] as Case, true)).ops.map((op) => op.kind);
    expect(kinds).toEqual(['convReluPool', 'convReluPoolGrad']);
  });

  it('is left undone where another op reads the map before the pool', () => {
    const unfused = convPool(cases[1] as Case, false);
    expect(fuseConvPool(unfused).ops).toEqual(unfused.ops);
  });

  it.each([{ dilation: [2, 1] as const }, { groups: 2 }])('is left undone where the convolution has %o', (change) => {
    const plain = convPool(cases[1] as Case, true);
    const ops = plain.ops.map((op) =>
      'convolution' in op ? { ...op, convolution: { ...op.convolution, ...change } } : op,
    );
    expect(fuseConvPool({ ...plain, ops }).ops).toEqual(ops);
  });

  it.skipIf(!available.available).each(cases)(
    'changes no result: $input, kernel $kernel, $filters filters',
    async (c) => {
      const [fused, apart] = [await results(convPool(c, true)), await results(convPool(c, false))];
      outputs.forEach((name, i) => {
        const expected = apart[i] as number[];
        const largest = Math.max(...expected.map(Math.abs));
        const error = Math.max(...(fused[i] as number[]).map((value, j) => Math.abs(value - (expected[j] as number))));
        expect(error, name).toBeLessThanOrEqual(1e-5 * largest);
      });
    },
  );
});
