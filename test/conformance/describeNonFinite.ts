import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import {
  type Activation,
  type Convolution,
  type Executor,
  elementCount,
  type OpKind,
  type SlotData,
} from '@trainyard/program';
import { beforeAll, describe, expect, it } from 'vitest';
import { cases } from './cases/index.js';
import { Inputs, written } from './cases/operands.js';
import { maxOfWindows, pools } from './cases/pooling.js';
import { type OpCase, type Operand, runOneOp } from './oneOp.js';

const nan = Number.NaN;
const inf = Number.POSITIVE_INFINITY;
/** A value for every way in which a comparison with 0 can end. */
const samples = [nan, inf, -inf, -1, 0, 2];

/** What PyTorch 1.13 returns for `samples`: the output, and the gradients of the input for one of 3 and one of NaN. */
const activations: [Activation, outputs: number[], of3: number[], ofNaN: number[]][] = [
  [{ kind: 'relu', slope: 0.01 }, [nan, inf, 0, 0, 0, 2], [3, 3, 0, 0, 0, 3], [nan, nan, 0, 0, 0, nan]],
  [{ kind: 'leakyRelu', slope: 0.5 }, [nan, inf, -inf, -0.5, 0, 2], [1.5, 3, 1.5, 1.5, 1.5, 3], Array(6).fill(nan)],
  [
    { kind: 'tanh', slope: 0.01 },
    [nan, 1, -1, -0.7615942, 0, 0.9640276],
    [nan, 0, 0, 1.2599229, 3, 0.2119524],
    Array(6).fill(nan),
  ],
  [
    { kind: 'sigmoid', slope: 0.01 },
    [nan, 1, 0, 0.2689414, 0.5, 0.880797],
    [nan, 0, 0, 0.5898358, 0.75, 0.3149809],
    Array(6).fill(nan),
  ],
  [
    { kind: 'gelu', slope: 0.01 },
    [nan, inf, nan, -0.1586553, 0, 1.9545],
    [nan, nan, nan, -0.2499463, 1.5, 3.2556958],
    Array(6).fill(nan),
  ],
];

/** Ops whose algorithms may spread NaN from one element to its neighbours. */
const spreading: readonly OpKind[] = ['conv2d', 'conv2dGradInput', 'conv2dGradFilter'];
/** Ops whose inputs are no real numbers, and one whose inputs depend on each other. */
const elsewhere: readonly OpKind[] = ['gatherImages', 'gatherLabels', 'confusion', 'maxPoolGrad'];
const kinds = (Object.keys(cases) as OpKind[]).filter((kind) => !elsewhere.includes(kind));

/**
 * NaN and infinity pass every op as they pass PyTorch's: a network that has diverged cannot look healthy.
 * @param others also compare all other ops with the reference; for executors that are not the reference
 */
export function describeNonFinite(name: string, open: () => Promise<Executor>, others = true): void {
  let executor: Executor;
  let reference: Executor;
  beforeAll(async () => {
    executor = await open();
    reference = await openTfjsExecutor({ backend: 'cpu' });
  });

  describe(`${name}: NaN and infinity`, () => {
    it.each(activations)(
      'pass an activation and its gradient as in PyTorch: %o',
      async (activation, outputs, of3, ofNaN) => {
        const shared = { title: '', update: {}, settings: { activation } };
        const forward = { ...shared, in: { x: manyOf(samples) }, out: { y: written(manyShape) } };
        const found = await runOneOp(executor, 'activation', forward);
        expectLike(found.get('out/y'), many(outputs), 'y');
        const saved = manyOf(activation.kind === 'gelu' ? samples : outputs);
        const gradients = [
          [3, of3],
          [nan, ofNaN],
        ] as const;
        for (const [gradient, expected] of gradients) {
          const dy = manyOf(Array(samples.length).fill(gradient));
          const backward = { ...shared, in: { saved, dy }, out: { dx: written(manyShape) } };
          const dx = (await runOneOp(executor, 'activationGrad', backward)).get('out/dx');
          expectLike(dx, many(expected), `dx of ${gradient}`);
        }
      },
    );

    it.each(pools)('pass a max-pool and its gradient as in PyTorch: $title', async ({ x, y, window }) => {
      const inputs = new Inputs(2033);
      for (const value of [nan, inf, -inf]) {
        const values = poisoned(inputs.floats(elementCount(x)), inputs, [value]);
        const largest = maxOfWindows(values, x, y, window);
        const settings = { window };
        const forward = { title: '', in: { x: inputs.f32(x, values) }, out: { y: written(y) }, update: {}, settings };
        expectLike((await runOneOp(executor, 'maxPool', forward)).get('out/y'), largest, `of ${value}`);
        const backward = {
          ...forward,
          in: { ...forward.in, y: inputs.f32(y, largest), dy: inputs.f32(y) },
          out: { dx: written(x) },
        };
        const expected = (await runOneOp(reference, 'maxPoolGrad', backward)).get('out/dx') as Float32Array;
        const found = (await runOneOp(executor, 'maxPoolGrad', backward)).get('out/dx');
        expectLike(found, expected, `gradient where ${value} is`);
        // Every window passes its gradient on.
        expect(sum(found), `sum of gradients where ${value} is`).toBeCloseTo(sum(backward.in.dy.values), 3);
      }
    });

    it.each(others ? kinds : [])('pass %s as in the reference', async (kind) => {
      for (const testCase of (cases[kind] as OpCase<OpKind>[]).filter((each) => !isPadded(each)))
        for (const changed of poisonedCases(testCase)) {
          const found = await runOneOp(executor, kind, changed);
          for (const [slot, expected] of await runOneOp(reference, kind, changed))
            if (!undecided.includes(slot))
              expectLike(found.get(slot), expected, changed.title, spreading.includes(kind));
        }
    });
  });
}

/** A slot of 41 times six values, so that they fill registers and leave a rest. */
const manyOf = (values: readonly number[]): Operand => ({ ...written(manyShape), values: many(values) });
const manyShape = [41, samples.length];

const many = (values: readonly number[]) => Float32Array.from(Array(41).fill(values).flat());

/** Not compared: the class of NaN logits, and moments, which may stay finite where their weight is not. */
const undecided = ['out/hits', 'update/v', 'update/m'];

/** Whether zeros around the images are multiplied with the filters: not every algorithm does that. */
function isPadded({ settings }: OpCase<OpKind>): boolean {
  const { convolution } = settings as { convolution?: Convolution };
  return convolution !== undefined && Object.values(convolution.padding).some((pixels: number) => pixels > 0);
}

/** The case once for each of its real inputs that no host feeds, with NaN and both infinities among its values. */
function poisonedCases<K extends OpKind>(testCase: OpCase<K>): OpCase<K>[] {
  const inputs = new Inputs(2032);
  return (['in', 'update'] as const).flatMap((group) =>
    Object.entries(testCase[group] as Record<string, Operand | null>).flatMap(([name, operand]) => {
      if (!(operand?.values instanceof Float32Array) || operand.role === 'feed') return [];
      const values = poisoned(operand.values, inputs, [nan, inf, -inf]);
      const title = `${name} of ${testCase.title}`;
      return [{ ...testCase, title, [group]: { ...testCase[group], [name]: { ...operand, values } } }];
    }),
  );
}

/** A copy with each of the values in a place of its own, as far as there are places. */
function poisoned(values: Float32Array, random: Inputs, specials: readonly number[]): Float32Array {
  const changed = values.slice();
  const [first = 0] = random.integers(1, changed.length);
  for (const [i, special] of specials.slice(0, changed.length).entries())
    changed[(first + 7 * i) % changed.length] = special;
  return changed;
}

const sum = (values: SlotData | null | undefined): number => Array.from(values ?? []).reduce((a, b) => a + b, 0);

/**
 * Fails unless the same elements are finite, and these are close. Whether the others are NaN or infinite is left open:
 * it depends on the order of a sum.
 * @param spreads whether elements may be NaN that the reference computes
 */
function expectLike(found: SlotData | undefined, expected: SlotData, what: string, spreads = false): void {
  const values = found ?? new Float32Array();
  expect(values.length, `${what}: length`).toBe(expected.length);
  const largest = Array.from(expected).reduce(
    (max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max),
    1e-6,
  );
  for (const [i, value] of expected.entries()) {
    const own = values[i] as number;
    if (spreads && !Number.isFinite(own)) continue;
    if (Number.isFinite(own) !== Number.isFinite(value) || Math.abs(own - value) > 1e-4 * largest)
      expect(own, `${what}: element ${i}`).toBe(value);
  }
}
