import { ExecutorError } from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { available, counter, numbers, openSession, program } from './helpers.js';

describe.skipIf(!available.available)('a session', () => {
  it('starts persistent slots at zero, writes and reads them, and keeps them over runs and programs', async () => {
    const session = await openSession();
    const first = await session.load(counter);
    const second = await session.load(counter);
    expect(numbers(await session.read('sum'))).toEqual([0]);
    await session.write('sum', Float32Array.of(10));
    expect(await first.run(3, { gain: Float32Array.of(1, 2, 3) })).toBe(3);
    expect(await second.run(1, { gain: Float32Array.of(0.5) })).toBe(1);
    expect(numbers(await session.read('sum'))).toEqual([16.5]);
    await session.close();
  });

  it('carries out runs one after another in the order of the calls', async () => {
    const session = await openSession();
    const loaded = await session.load(counter);
    const runs = Array.from({ length: 20 }, () => loaded.run(1, { gain: Float32Array.of(1) }));
    const sum = session.read('sum');
    await Promise.all(runs);
    expect(numbers(await sum)).toEqual([20]);
    await session.close();
  });

  it('does not share slots with another session', async () => {
    const [one, other] = [await openSession(), await openSession()];
    await one.load(counter);
    await other.load(counter);
    await one.write('sum', Float32Array.of(1));
    expect(numbers(await other.read('sum'))).toEqual([0]);
    await one.close();
    await other.close();
  });

  it('refuses a slot of the same name with another shape', async () => {
    const session = await openSession();
    await session.load(counter);
    const other = program([{ name: 'sum', shape: [2], dtype: 'f32', role: 'persistent' }], () => []);
    await expect(session.load(other)).rejects.toThrow(ExecutorError);
    await session.close();
  });

  it('refuses unknown names, wrong types and wrong lengths', async () => {
    const session = await openSession();
    const loaded = await session.load(counter);
    await expect(session.read('nothing')).rejects.toThrow(/nothing/);
    await expect(session.write('sum', Int32Array.of(1))).rejects.toThrow(/another type/);
    await expect(session.write('sum', Float32Array.of(1, 2))).rejects.toThrow(/1 values, not 2/);
    await expect(loaded.run(2, { gain: Float32Array.of(1) })).rejects.toThrow(/gain takes 2 values for 2 steps, not 1/);
    await expect(loaded.run(1, { gain: Int32Array.of(1) })).rejects.toThrow(/Float32Array/);
    await expect(loaded.run(1, {})).rejects.toThrow(/needs gain/);
    await expect(loaded.run(1, { gain: Float32Array.of(1), other: Float32Array.of(1) })).rejects.toThrow(/no other/);
    await session.close();
  });

  it('refuses every call once it is closed', async () => {
    const session = await openSession();
    const loaded = await session.load(counter);
    await session.close();
    await session.close();
    await expect(session.read('sum')).rejects.toThrow(/closed/);
    await expect(loaded.run(1, { gain: Float32Array.of(1) })).rejects.toThrow(/closed/);
  });
});
