import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Executor, ExecutorError, type Program, type Session, type Slot, type SlotData } from '@trainyard/program';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** More steps than any executor does before the test stops it. */
const manySteps = 3_000_000;

/** The behaviour of sessions that executor.ts documents. */
export function describeSessions(name: string, open: () => Promise<Executor>): void {
  describe(`${name}: a session`, () => {
    let executor: Executor;
    let session: Session;
    beforeAll(async () => {
      executor = await open();
    });
    beforeEach(async () => {
      session = await executor.openSession();
    });
    afterEach(() => session.close());

    it('runs the steps in order, each with its own feeds', async () => {
      const program = await session.load(countingProgram());
      expect(await program.run(3, { loss: Float32Array.of(1, 2, 4), hits: Float32Array.of(0, 1, 1) })).toBe(3);
      expect([...(await session.read('totals'))]).toEqual([7, 2, 3]);
      expect(await program.run(0, feeds(0))).toBe(0);
      expect([...(await session.read('totals'))]).toEqual([7, 2, 3]);
    });

    it('stops between two steps when its signal is aborted, and returns how many it did', async () => {
      const program = await session.load(countingProgram());
      const values = feeds(manySteps);
      const controller = new AbortController();
      const run = program.run(manySteps, values, controller.signal);
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      controller.abort();
      const done = await run;
      expect(done).toBeLessThan(manySteps);
      expect((await session.read('totals'))[2]).toBe(done);
      expect(await program.run(5, feeds(5), controller.signal)).toBe(0);
      expect(await program.run(5, feeds(5))).toBe(5);
      expect((await session.read('totals'))[2]).toBe(done + 5);
    });

    it('makes a second run, a write and a read wait for their turn', async () => {
      const program = await session.load(countingProgram());
      const first = program.run(500, feeds(500));
      const seen = session.read('totals');
      const written = session.write('totals', new Float32Array(3));
      const second = program.run(7, feeds(7));
      expect(await Promise.all([first, second])).toEqual([500, 7]);
      await written;
      expect((await seen)[2]).toBe(500);
      expect((await session.read('totals'))[2]).toBe(7);
    });

    it('stops a run when it is closed, and refuses what comes after', async () => {
      const program = await session.load(countingProgram());
      const run = program.run(manySteps, feeds(manySteps)).catch((error: unknown) => error);
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      await session.close();
      const outcome = await run;
      if (typeof outcome === 'number') expect(outcome).toBeLessThan(manySteps);
      else expect(outcome).toBeInstanceOf(ExecutorError);
      await expect(session.read('totals')).rejects.toThrow(ExecutorError);
      await expect(program.run(1, feeds(1))).rejects.toThrow(ExecutorError);
    });

    it('starts slots at zero, keeps them for the next program, and shares none with another session', async () => {
      const first = await session.load(countingProgram());
      expect([...(await session.read('totals'))]).toEqual([0, 0, 0]);
      await first.run(2, feeds(2));
      const second = await session.load(countingProgram());
      await second.run(1, feeds(1));
      await first.run(1, feeds(1));
      expect((await session.read('totals'))[2]).toBe(4);
      const other = await executor.openSession();
      await other.load(countingProgram());
      expect([...(await other.read('totals'))]).toEqual([0, 0, 0]);
      await other.close();
    });

    it('refuses a slot of a known name with another shape or type', async () => {
      await session.load(countingProgram());
      await expect(session.load(holdingProgram('totals', [4], 'i32'))).rejects.toThrow(ExecutorError);
      await expect(session.load(holdingProgram('totals', [3], 'i32'))).rejects.toThrow(ExecutorError);
    });

    it('copies what is written and what is read', async () => {
      await session.load(countingProgram());
      const written = Float32Array.of(1, 2, 3);
      await session.write('totals', written);
      written[0] = 9;
      const read = await session.read('totals');
      expect(read).toEqual(Float32Array.of(1, 2, 3));
      read[1] = 9;
      expect(await session.read('totals')).toEqual(Float32Array.of(1, 2, 3));
    });

    it('refuses an unknown slot, and values of another length or type', async () => {
      await session.load(countingProgram());
      const refused: [string, SlotData][] = [
        ['nothing', new Float32Array(3)],
        ['loss', new Float32Array(1)],
        ['totals', new Float32Array(2)],
        ['totals', new Int32Array(3)],
      ];
      for (const [slot, data] of refused) await expect(session.write(slot, data)).rejects.toThrow(ExecutorError);
      await expect(session.read('nothing')).rejects.toThrow(ExecutorError);
      await expect(session.read('loss')).rejects.toThrow(ExecutorError);
    });

    it('refuses feeds that are missing, or of another length or type, and goes on', async () => {
      const program = await session.load(countingProgram());
      const refused: Record<string, SlotData>[] = [
        { loss: new Float32Array(1) },
        { ...feeds(1), hits: new Float32Array(2) },
        { ...feeds(1), hits: new Int32Array(1) },
      ];
      for (const values of refused) await expect(program.run(1, values)).rejects.toThrow(ExecutorError);
      expect(await program.run(1, feeds(1))).toBe(1);
    });

    it.each([
      ['f32', Float32Array.of(1.5, -2, 3)],
      ['i32', Int32Array.of(-1, 2, 70_000)],
      ['u8', Uint8Array.of(0, 128, 255)],
    ] as const)('fills a slot of %s from a place in a file', async (dtype, values) => {
      const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
      const file = join(folder, 'values');
      const bytes = new Uint8Array(values.buffer);
      await writeFile(file, Buffer.concat([new Uint8Array(4096), bytes, new Uint8Array(3)]));
      await session.load(holdingProgram('values', [3], dtype));
      await session.writeFromFile('values', file, 4096);
      expect(await session.read('values')).toEqual(values);
      await expect(session.writeFromFile('values', file, 4096 + 8)).rejects.toThrow(ExecutorError);
      await expect(session.writeFromFile('values', join(folder, 'none'), 0)).rejects.toThrow();
      await rm(folder, { recursive: true });
    });
  });
}

const slotOf = (id: number, name: string, shape: number[], changes: Partial<Slot> = {}): Slot => ({
  id,
  name,
  shape,
  dtype: 'f32',
  role: 'persistent',
  viewOf: null,
  initializer: null,
  ...changes,
});

/** totals += [loss, hits, 1]: so totals[2] counts the steps. */
function countingProgram(): Program {
  return {
    name: 'counting',
    slots: [slotOf(0, 'loss', [], { role: 'feed' }), slotOf(1, 'hits', [], { role: 'feed' }), slotOf(2, 'totals', [3])],
    ops: [{ kind: 'accumulate', in: { loss: 0, hits: 1 }, update: { totals: 2 }, count: 1 }],
  };
}

const feeds = (steps: number) => ({ loss: new Float32Array(steps), hits: new Float32Array(steps) });

/** A program of no ops with one persistent slot. */
const holdingProgram = (name: string, shape: number[], dtype: Slot['dtype']): Program => ({
  name: 'holding',
  slots: [slotOf(0, name, shape, { dtype })],
  ops: [],
});
