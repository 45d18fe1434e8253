import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NamedTensor, parseSafetensors, readSafetensors, writeSafetensors } from '../src/index.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'trainyard-safetensors-'));
});
afterAll(() => rm(root, { recursive: true }));

const tensors: NamedTensor[] = [
  { name: 'odd', shape: [3], dtype: 'U8', data: Uint8Array.of(1, 2, 255) },
  { name: 'adam_m/dense_1/kernel', shape: [2, 2], dtype: 'F32', data: Float32Array.of(0.5, -1.25, 3e-8, 1e30) },
  { name: 'step', shape: [], dtype: 'I32', data: Int32Array.of(-7) },
  { name: 'empty', shape: [0, 4], dtype: 'F32', data: new Float32Array(0) },
];

/** Reads the format as its page describes it, knowing nothing of this package. */
const reader = `
import json, struct, sys
raw = open(sys.argv[1], 'rb').read()
n, = struct.unpack('<Q', raw[:8])
header = json.loads(raw[8:8 + n])
data = raw[8 + n:]
meta = header.pop('__metadata__')
ends = sorted(v['data_offsets'] for v in header.values())
assert (8 + n) % 8 == 0 and ends[0][0] == 0 and ends[-1][1] == len(data), 'no holes'
kind = {'F32': 'f', 'I32': 'i', 'U8': 'B'}
print(json.dumps({'meta': meta, 'tensors': {k: [v['shape'], list(struct.unpack(
  '<%d%s' % ((v['data_offsets'][1] - v['data_offsets'][0]) // struct.calcsize(kind[v['dtype']]), kind[v['dtype']]),
  data[v['data_offsets'][0]:v['data_offsets'][1]]))] for k, v in header.items()}}))
`;
const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('safetensors', () => {
  it('come back as they were written', async () => {
    const file = join(root, 'round-trip');
    await writeSafetensors(file, tensors);
    expect(await readSafetensors(file)).toEqual(tensors);
  });

  it.runIf(hasPython)('are read by an independent reader', async () => {
    const file = join(root, 'for-python');
    await writeSafetensors(file, tensors, { epoch: '3' });
    const read = JSON.parse(execFileSync('python3', ['-c', reader, file], { encoding: 'utf8' }));
    expect(read).toEqual({
      meta: { epoch: '3' },
      tensors: Object.fromEntries(tensors.map((t) => [t.name, [t.shape, [...t.data]]])),
    });
  });

  it('that are cut short are refused', async () => {
    const file = join(root, 'short');
    const { bytes } = await writeSafetensors(file, tensors);
    await truncate(file, bytes - 1);
    await expect(readSafetensors(file)).rejects.toThrow('does not lie within the file');
    expect(() => parseSafetensors(new Uint8Array(4))).toThrow('shorter than');
  });

  it('never replace a file', async () => {
    const file = join(root, 'twice');
    await writeSafetensors(file, tensors);
    const before = await readFile(file);
    await expect(writeSafetensors(file, [])).rejects.toThrow('EEXIST');
    expect(await readFile(file)).toEqual(before);
  });

  it('whose shape and values disagree are never written', async () => {
    const wrong = { name: 'w', shape: [5], dtype: 'F32' as const, data: new Float32Array(4) };
    await expect(writeSafetensors(join(root, 'wrong'), [wrong])).rejects.toThrow('tensor w');
  });
});
