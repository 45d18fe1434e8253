import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService } from './support/fakeService.js';

async function call(...args: string[]) {
  const { env, requests } = await fakeService({
    'GET /v1/datasets/pets/samples.png': (_, response) => response.end('a grid'),
    'GET /v1/datasets/pets/samples/7/channels.svg': (_, response) => response.end('<svg/>'),
  });
  const { terminal, written } = captureTerminal();
  const code = await run(['dataset', 'samples', ...args], terminal, env);
  return { code, ...written, url: requests[0]?.url };
}

it('a grid of images is saved, with what was asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'samples-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'grid.png');
  const { code, out, url } = await call(
    'pets@2',
    '--output',
    file,
    '--split',
    'test',
    '--class',
    'a b',
    '--count',
    '5',
  );
  expect({ code, out }).toEqual({ code: 0, out: `wrote ${file}\n` });
  expect(Object.fromEntries(new URL(url ?? '', 'http://x').searchParams)).toEqual({
    version: '2',
    split: 'test',
    class: 'a b',
    count: '5',
  });
  expect(await readFile(file, 'utf8')).toBe('a grid');
  expect((await call('pets', '-o', join(file, 'x'))).error).toContain('cannot write');
});

it('the channels of an image go to standard output', async () => {
  expect(await call('pets', '--image', '7', '-o', '-')).toMatchObject({ code: 0, out: '<svg/>' });
  expect((await call('pets', '--image', '7', '--seed', '2', '-o', '-')).code).toBe(2);
});
