import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isDocument, readDocument } from '../src/spec/readDocument.js';
import { captureTerminal } from './support/captureTerminal.js';

async function read(name: string, text: string): Promise<unknown> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yaml-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, name), text);
  return readDocument(path.join(folder, name), captureTerminal().terminal);
}

const text = `# A spec with a comment
architecture:
  layers:
    - { type: conv2d, filters: 16, kernel: 5 }
    - type: flatten
learningRate: 1e-2
name: "no"
tags: [night, "7"]
`;
const spec = {
  architecture: { layers: [{ type: 'conv2d', filters: 16, kernel: 5 }, { type: 'flatten' }] },
  learningRate: 0.01,
  name: 'no',
  tags: ['night', '7'],
};

it('a YAML file is read, and YAML on standard input', async () => {
  expect(await read('spec.yaml', text)).toEqual(spec);
  expect(await read('spec.YML', text)).toEqual(spec);
  expect(await readDocument('-', captureTerminal({ input: text }).terminal)).toEqual(spec);
  expect(['spec.yml', 'spec.yaml', 'spec.json', '-'].every(isDocument)).toBe(true);
});

const bomb = `a: &a [1,2,3,4,5,6,7,8,9]
${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`).join('\n')}`;

it.each([
  ['a key twice', 'spec.yaml', 'epochs: 1\nepochs: 2', /spec.yaml is not YAML: Map keys must be unique at line 2/],
  ['a bracket that is not closed', 'spec.yaml', 'layers: [a', /spec.yaml is not YAML: .* at line 1, column/],
  ['aliases that multiply', 'spec.yaml', bomb, /spec.yaml is not YAML: Excessive alias count/],
  ['YAML in a file of JSON', 'spec.json', text, /spec.json is not JSON/],
])('%s is refused in one line', async (_, name, content, message) => {
  const error = await read(name, content).catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('\n');
});
