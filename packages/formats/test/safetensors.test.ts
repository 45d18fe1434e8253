import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeSafetensors, type NamedTensor, parseSafetensors } from '../src/index.js';

const tensors: NamedTensor[] = [
  { name: 'odd', shape: [3], dtype: 'U8', data: Uint8Array.of(1, 2, 255) },
  { name: 'adam_m/dense_1/kernel', shape: [2, 2], dtype: 'F32', data: Float32Array.of(0.5, -1.25, 3e-8, 1e30) },
  { name: 'step', shape: [], dtype: 'I32', data: Int32Array.of(-7) },
  { name: 'empty', shape: [0, 4], dtype: 'F32', data: new Float32Array(0) },
];

/** Reads the format as its specification describes it, without any code of this package. */
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

const encode = (metadata?: Record<string, string>) => Buffer.concat(encodeSafetensors(tensors, metadata));

describe('safetensors', () => {
  it('are parsed to the tensors that were encoded', () => {
    expect(parseSafetensors(encode())).toEqual({ tensors, metadata: {} });
  });

  it.runIf(hasPython)('are read by an independent reader', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-safetensors-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'for-python');
    await writeFile(file, encode({ epoch: '3' }));
    const read = JSON.parse(execFileSync('python3', ['-c', reader, file], { encoding: 'utf8' }));
    expect(read).toEqual({
      meta: { epoch: '3' },
      tensors: Object.fromEntries(tensors.map((t) => [t.name, [t.shape, [...t.data]]])),
    });
  });

  it('that are cut short are refused', () => {
    expect(() => parseSafetensors(encode().subarray(0, -1))).toThrow('is not within the file');
    expect(() => parseSafetensors(new Uint8Array(4))).toThrow('shorter than');
    expect(() => parseSafetensors(encode().subarray(0, 20))).toThrow('cut short');
  });

  it.each([
    ['[]', 'not one of a safetensors file'],
    ['{"w": {"dtype": "F32", "shape": [1]}}', 'not one of a safetensors file'],
    ['{"w": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}', 'unknown type F64'],
    ['{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}', 'is not within the file'],
  ])('with the header %s are refused', (header, reason) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    expect(() => parseSafetensors(Buffer.concat([length, Buffer.from(header)]))).toThrow(reason);
  });

  it('whose shape and values disagree are not encoded', () => {
    const wrong = { name: 'w', shape: [5], dtype: 'F32' as const, data: new Float32Array(4) };
    expect(() => encodeSafetensors([wrong])).toThrow('tensor w');
  });
});
