import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import type { Executor, OpKind } from '@trainyard/program';
import { beforeAll, describe, it } from 'vitest';
import { cases } from './cases.js';
import { expectClose, expectSameZeros } from './compare.js';
import { type OpCase, runOneOp } from './oneOp.js';

/** Ops that draw: which elements they zero must not differ at all. */
const drawing: readonly OpKind[] = ['gatherImages', 'dropout', 'spatialDropout'];

/** Every op on an executor against the reference: relative error below 1e-4, draws and integers equal. */
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

  describe.each(Object.keys(cases) as OpKind[])(`${name}: %s`, (kind) => {
    it('agrees with the reference', async () => {
      for (const testCase of cases[kind]) await compare(kind, testCase as OpCase<OpKind>);
    });
  });
}
