import { ExecutorError, type Program } from '@trainyard/program';
import { expect, it } from 'vitest';
import { averagingProgram, ones, openSession } from './programs.js';

it.each([
  ['an unknown feed', { 'feed/w': new Float32Array(3), other: new Float32Array(3) }, 'takes no other'],
  ['a missing feed', {}, 'needs feed/w'],
  ['a feed of another length', { 'feed/w': new Float32Array(4) }, 'takes 3 values for 1 step, not 4'],
  ['a feed of another type', { 'feed/w': new Int32Array(3) }, 'takes Float32Array, not Int32Array'],
])('refuses %s', async (_, feeds: Record<string, Float32Array | Int32Array>, message) => {
  const session = await openSession();
  const program = await session.load(averagingProgram());
  const run = program.run(1, feeds);
  await expect(run).rejects.toThrow(ExecutorError);
  await expect(run).rejects.toThrow(message);
  await session.close();
});

it('refuses to write or read an unknown slot, or values of another length or type', async () => {
  const session = await openSession();
  await session.load(averagingProgram());
  await expect(session.write('nothing', new Float32Array(3))).rejects.toThrow(ExecutorError);
  await expect(session.read('nothing')).rejects.toThrow(ExecutorError);
  await expect(session.write('average', new Float32Array(2))).rejects.toThrow('takes 3 values, not 2');
  await expect(session.write('average', new Int32Array(3))).rejects.toThrow('takes Float32Array');
  await session.close();
});

it('says which op failed', async () => {
  const session = await openSession();
  const program = averagingProgram();
  const slots = program.slots.map((slot) => (slot.name === 'sum' ? { ...slot, shape: [4] } : slot));
  const broken: Program = { ...program, slots };
  const loaded = await session.load(broken);
  await expect(loaded.run(1, ones(loaded, 1))).rejects.toThrow('add returned the shape [3] for sum, which has [4]');
  await session.close();
});
