import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { averagingProgram, openSession } from './programs.js';

it('shares persistent slots of one name between programs and refuses another shape', async () => {
  const session = await openSession();
  await session.load(averagingProgram());
  await session.write('average', Float32Array.of(1, 2, 3));
  const second = await session.load(averagingProgram());
  await second.run(1, { 'feed/w': Float32Array.of(0, 0, 0) });
  expect([...(await session.read('average'))]).toEqual([0.5, 1, 1.5]);
  await expect(session.load(averagingProgram(4))).rejects.toThrow('average is f32[3] already and cannot be f32[4]');
  await session.close();
});

it('copies what is written and what is read', async () => {
  const session = await openSession();
  await session.load(averagingProgram());
  const written = Float32Array.of(1, 2, 3);
  await session.write('average', written);
  written[0] = 9;
  const read = await session.read('average');
  expect([...read]).toEqual([1, 2, 3]);
  read[1] = 9;
  expect([...(await session.read('average'))]).toEqual([1, 2, 3]);
  await session.close();
});

it('fills a slot from a place in a file, and says when the file is too short', async () => {
  const session = await openSession();
  await session.load(averagingProgram());
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-'));
  const file = join(folder, 'values');
  await writeFile(file, new Uint8Array(Float32Array.of(7, 1, 2, 3).buffer));
  await session.writeFromFile('average', file, 4);
  expect([...(await session.read('average'))]).toEqual([1, 2, 3]);
  await expect(session.writeFromFile('average', file, 8)).rejects.toThrow('ends before the values of average');
  await rm(folder, { recursive: true });
  await session.close();
});
