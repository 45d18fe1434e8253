import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNewFile } from '../src/files.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'trainyard-files-'));
});
afterAll(() => rm(root, { recursive: true }));

describe('writeNewFile', () => {
  it('writes the parts one after the other and returns their length and digest', async () => {
    const file = join(root, 'parts');
    const written = await writeNewFile(file, [Buffer.from('ab'), Buffer.from('c')]);
    expect(await readFile(file, 'utf8')).toBe('abc');
    expect(written).toEqual({ bytes: 3, sha256: createHash('sha256').update('abc').digest('hex') });
  });

  it('never replaces a file', async () => {
    const file = join(root, 'twice');
    await writeNewFile(file, [Buffer.from('first')]);
    await expect(writeNewFile(file, [])).rejects.toThrow('EEXIST');
    expect(await readFile(file, 'utf8')).toBe('first');
  });
});
