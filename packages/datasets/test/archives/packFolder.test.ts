import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { packFolder, unpackTar } from '../../src/index.js';
import { makeFolder, temporaryFolder } from '../makeArchives.js';

async function collect(chunks: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const files = {
  'cat/1.png': Buffer.from('one'),
  'cat/empty.png': Buffer.alloc(0),
  'dög/小狗.png': Buffer.alloc(512, 7),
  [`dög/${'long '.repeat(30)}.png`]: Buffer.alloc(70_000, 3),
};

test('a folder is read as a tar with the same files, of the length that was announced', async () => {
  const folder = await makeFolder(join(await temporaryFolder(), 'pets'), files);
  const packed = await packFolder(folder);
  const tar = await collect(packed.read(0));
  expect(tar.length).toBe(packed.bytes);
  const unpacked: Record<string, Buffer> = {};
  for await (const { path, content } of unpackTar(Readable.from([tar]))) unpacked[path] = content;
  expect(unpacked).toEqual(files);
});

test('the tar can be read from any byte on', async () => {
  const packed = await packFolder(await makeFolder(join(await temporaryFolder(), 'pets'), files));
  const tar = await collect(packed.read(0));
  for (let from = 0; from <= tar.length; from += 509) {
    expect((await collect(packed.read(from))).equals(tar.subarray(from)), `from ${from}`).toBe(true);
  }
});

test.each(['shorter', 'much longer than before'])(
  'a file that became %s is refused, not packed wrongly',
  async (text) => {
    const folder = await makeFolder(join(await temporaryFolder(), 'pets'), { 'cat/1.png': Buffer.from('0123456789') });
    const packed = await packFolder(folder);
    await writeFile(join(folder, 'cat/1.png'), text);
    await expect(collect(packed.read(0))).rejects.toThrow('changed while it was read');
  },
);
