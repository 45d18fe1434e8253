import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { type Executor, type OpKind, ops, type Program, planMemory } from '@trainyard/program';
import { beforeAll, describe, expect, it } from 'vitest';
import { cases } from './cases/index.js';
import { expectClose, expectSameZeros } from './compare.js';
import { inPlaceProgram, type OpCase, runOneOp } from './oneOp.js';

/** Ops that draw: exactly the same elements must be zero. */
const drawing: readonly OpKind[] = ['gatherImages', 'dropout', 'spatialDropout'];

const kinds = Object.keys(cases) as OpKind[];
const inPlaceKinds = kinds.filter((kind) => ops[kind].inPlace !== null);

/** Compares every op with the reference: relative error below 1e-4, draws and integers equal. */
export function describeOps(name: string, open: () => Promise<Executor>): void {
  let executor: Executor;
  let reference: Executor;
  beforeAll(async () => {
    executor = await open();
    reference = await openTfjsExecutor({ backend: 'cpu' });
  });

  const compare = async <K extends OpKind>(kind: K, testCase: OpCase<K>): Promise<void> => {
    const found = await runOneOp(executor, kind, testCase);
    for (const [slot, expected] of await runOneOp(reference, kind, testCase)) {
      expectClose(found.get(slot) ?? new Float32Array(), expected, `${slot} of ${testCase.title}`);
      if (drawing.includes(kind)) expectSameZeros(found.get(slot) ?? new Float32Array(), expected, testCase.title);
    }
  };

  /** Checks that the plan places output and input in the same memory; otherwise the test would check nothing. */
  const expectShared = (program: Program) => {
    const { offsets } = planMemory(program);
    const offset = (name: string) => offsets.get(program.slots.findIndex((slot) => slot.name === name));
    expect(offset('result'), program.name).toBe(offset('copy'));
  };

  describe.each(inPlaceKinds)(`${name}: %s in place`, (kind) => {
    it.each(ops[kind].inPlace?.over ?? [])('computes the same when its output is written over %s', async (input) => {
      for (const testCase of cases[kind] as OpCase<OpKind>[]) {
        const program = inPlaceProgram(kind, testCase, input);
        if (program === null) throw new Error(`${kind} cannot be written over ${input}`);
        expectShared(program);
        const expected = await runOneOp(executor, kind, testCase);
        const found = await runOneOp(executor, kind, testCase, program);
        for (const [slot, values] of expected) {
          // The copies turn -0 into 0.
          expect(
            found.get(slot)?.map((value) => value + 0),
            `${slot} of ${testCase.title}`,
          ).toEqual(values.map((value) => value + 0));
        }
      }
    });
  });

  describe.each(kinds)(`${name}: %s`, (kind) => {
    it('agrees with the reference', async () => {
      expect(cases[kind].length).toBeGreaterThan(0);
      for (const testCase of cases[kind]) await compare(kind, testCase as OpCase<OpKind>);
    });
  });
}
