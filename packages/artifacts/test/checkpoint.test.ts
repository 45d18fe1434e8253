import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamedTensor } from '@trainyard/formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CorruptCheckpointError, readCheckpoint, writeCheckpoint } from '../src/index.js';
import { model, manifest as sampleManifest, weights } from './samples.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'trainyard-checkpoint-'));
});
afterAll(() => rm(root, { recursive: true }));

const state: NamedTensor[] = [
  { name: 'momentum/dense_1/bias', shape: [3], dtype: 'F32', data: Float32Array.of(1, 2, 3) },
];
const write = async (name: string, changes = {}) => {
  const folder = join(root, name);
  const manifest = await writeCheckpoint(folder, { manifest: sampleManifest, model, weights, state, ...changes });
  return { folder, manifest };
};

describe('a checkpoint', () => {
  it('is read back as it was written', async () => {
    const { folder, manifest } = await write('whole');
    expect(await readCheckpoint(folder)).toEqual({ manifest, weights, state });
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'model.json', 'state.safetensors', 'weights.bin']);
  });

  it('has the same weights.bin for any order of the given weights', async () => {
    const { manifest: a } = await write('in-order');
    const { manifest: b } = await write('reversed', { weights: weights.toReversed() });
    expect(b.files).toEqual(a.files);
  });

  it('has raw float32 values in the order of the model', async () => {
    const { folder } = await write('raw');
    const bytes = Uint8Array.from(await readFile(join(folder, 'weights.bin')));
    expect([...new Float32Array(bytes.buffer)]).toEqual(weights.flatMap((w) => [...w.data]));
  });

  it.each(['model.json', 'weights.bin', 'state.safetensors'])('with a changed %s is refused', async (name) => {
    const { folder } = await write(`changed-${name}`);
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length - 2] = (bytes.at(-2) as number) ^ 1;
    await writeFile(join(folder, name), bytes);
    await expect(readCheckpoint(folder)).rejects.toThrow(CorruptCheckpointError);
    await expect(readCheckpoint(folder)).rejects.toThrow(`${name} does not match its SHA-256`);
  });

  it('that is cut short, or lacks a file or its manifest, is refused', async () => {
    const short = (await write('short')).folder;
    await truncate(join(short, 'weights.bin'), 8);
    await expect(readCheckpoint(short)).rejects.toThrow('weights.bin has 8 bytes instead of 60');
    const lacking = (await write('lacking')).folder;
    await rm(join(lacking, 'state.safetensors'));
    await expect(readCheckpoint(lacking)).rejects.toThrow(CorruptCheckpointError);
    await rm(join(lacking, 'manifest.json'));
    await expect(readCheckpoint(lacking)).rejects.toThrow(CorruptCheckpointError);
    await expect(readCheckpoint(join(root, 'nowhere'))).rejects.toThrow(CorruptCheckpointError);
  });

  it('that could not be written leaves no files', async () => {
    const before = await readdir(root);
    await expect(write('missing-weight', { weights: weights.slice(1) })).rejects.toThrow('weights');
    await expect(write('bad-state', { state: [{ ...state[0], shape: [4] }] })).rejects.toThrow('momentum/dense_1/bias');
    expect(await readdir(root)).toEqual(before);
  });

  it('is never visible at its path before it is complete', async () => {
    const folder = join(root, 'watched');
    const writing = writeCheckpoint(folder, { manifest: sampleManifest, model, weights, state });
    let settled = false;
    const done = writing.finally(() => {
      settled = true;
    });
    while (!settled) {
      const names = await readdir(folder).catch(() => null);
      if (names) expect(names).toHaveLength(4);
    }
    await done;
  });

  it('never replaces another', async () => {
    const folder = join(root, 'taken');
    await mkdir(folder);
    await writeFile(join(folder, 'something'), '');
    await expect(write('taken')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['something']);
  });
});
