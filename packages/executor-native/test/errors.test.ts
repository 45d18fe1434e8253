import { OutOfMemoryError } from '@trainyard/program';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadAddon, type NativeAddon, type NativeProgram, type NativeSession } from '../src/addon.js';
import { toExecutorError } from '../src/errors.js';
import { toNativeProgram } from '../src/wire.js';
import { available, gathering, openSession, program } from './helpers.js';

describe.skipIf(!available.available)('memory that the system refuses', () => {
  it.each([2 ** 46, 2 ** 52])('rejects with an OutOfMemoryError that has the bytes: %d elements', async (elements) => {
    const session = await openSession();
    const huge = program([{ name: 'huge', shape: [elements], dtype: 'f32', role: 'persistent' }], () => []);
    const error = await session.load(huge).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as OutOfMemoryError).bytes).toBe(elements * 4);
    expect((error as OutOfMemoryError).message).toMatch(new RegExp(`out of memory.* ${elements * 4} bytes`));
    await session.close();
  });
});

describe.skipIf(!available.available)('a wrong argument', () => {
  let addon: NativeAddon;
  let session: NativeSession;
  beforeAll(() => {
    addon = (loadAddon('onednn') as { addon: NativeAddon }).addon;
    session = new addon.Session('cpu', 1, 'fp32');
  });

  /** Calls the addon past its types. */
  const call = (method: keyof NativeSession, ...args: unknown[]) =>
    Reflect.apply(session[method] as (...args: unknown[]) => unknown, session, args);
  const empty: NativeProgram = { name: 'empty', slots: [], ops: [], arenaBytes: 0 };
  const slot = { name: 'x', shape: [1], dtype: 'f32', role: 'persistent', root: 0, offset: 0 };

  it.each<[string, keyof NativeSession, unknown[]]>([
    ['no program', 'load', []],
    ['a program that is a text', 'load', ['program']],
    ['slots that are no array', 'load', [{ ...empty, slots: 3 }]],
    ['a size of memory that is no number', 'load', [{ ...empty, arenaBytes: 'much' }]],
    ['a negative size of memory', 'load', [{ ...empty, arenaBytes: -1 }]],
    ['a size that is not whole', 'load', [{ ...empty, slots: [{ ...slot, shape: [1.5] }] }]],
    ['a size that is not a number', 'load', [{ ...empty, slots: [{ ...slot, shape: [Number.NaN] }] }]],
    ['a root that is no slot', 'load', [{ ...empty, slots: [{ ...slot, root: 7 }] }]],
    ['an unknown data type', 'load', [{ ...empty, slots: [{ ...slot, dtype: 'f64' }] }]],
    ['an op on a slot that is not there', 'load', [{ ...empty, ops: [{ kind: 'add', in: { a: 1 } }] }]],
    ['an unknown op', 'load', [{ ...empty, ops: [{ kind: 'fold', in: {} }] }]],
    ['values that are no typed array', 'write', ['x', [1, 2]]],
    ['values of an unknown type', 'write', ['x', Float64Array.of(1)]],
    ['a name that is no text', 'read', [1]],
    ['no stop flag', 'run', [0, 1, [], undefined, false]],
    ['another object as the stop flag', 'run', [0, 1, [], {}, false]],
    ['feeds that are no array', 'run', [0, 1, undefined, undefined, false]],
    ['steps that are not a number', 'run', [0, Number.NaN, [], undefined, false]],
  ])('throws: %s', (_, method, args) => {
    expect(() => call(method, ...args)).toThrow(Error);
  });

  it('of the constructor throws', () => {
    const Session = addon.Session as unknown as new (...args: unknown[]) => NativeSession;
    expect(() => new Session()).toThrow(Error);
    expect(() => new Session('cuda:0', 1, 'fp32')).toThrow(/CPU/);
    expect(() => new Session('cpu', 'two', 'fp32')).toThrow(Error);
  });

  it('that only the engine can find rejects the promise', async () => {
    await expect(session.times(3)).rejects.toThrow(/no program 3/);
    await expect(session.run(3, 1, [], new addon.StopFlag(), false)).rejects.toThrow(/no program 3/);
  });

  it('leaves the session usable', async () => {
    const { id } = await session.load(empty);
    expect(await session.run(id, 2, [], new addon.StopFlag(), false)).toBe(2);
  });
});

// AddressSanitizer ends the process where operator new would throw.
describe.skipIf(!available.available || process.env.TRAINYARD_NATIVE_BUILD)('std::bad_alloc', () => {
  it('rejects with an error that says that memory was refused', async () => {
    const { addon } = loadAddon('onednn') as { addon: NativeAddon };
    const session = new addon.Session('cpu', 1, 'fp32');
    // The op keeps a factor for each value of an image: 2^40 of them. The images themselves get no memory.
    const wire = toNativeProgram(gathering);
    const slots = wire.slots.map((slot): NativeProgram['slots'][number] =>
      slot.name === 'pixels' ? { ...slot, shape: [2, 2 ** 20, 2 ** 20, 1], role: 'transient' } : slot,
    );
    const error = await session.load({ ...wire, slots }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ message: 'out of memory', bytes: 0 });
    expect(toExecutorError(error)).toBeInstanceOf(OutOfMemoryError);
    expect(toExecutorError(error).message).toMatch(/out of memory/);
    await session.close();
  });
});
