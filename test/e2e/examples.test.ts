import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transform } from '@swc/core';
import { stripes } from '@trainyard/test-kit/datasets';
import { createHome, type EmbeddedStack, type Home, startEmbedded } from '@trainyard/test-kit/service';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, run } from '../packaging/support.js';

let home: Home;
let stack: EmbeddedStack;
let folder: string;
beforeAll(async () => {
  home = await createHome();
  stack = await startEmbedded(home);
  folder = await mkdtemp(path.join(tmpdir(), 'trainyard-examples-'));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(async () => {
  await stack?.stop();
  await home?.remove();
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(root, 'examples', name);
const use = (command: string, ...args: string[]) =>
  run(command, args, folder, { ...process.env, TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey });

/** Node 20 does not run TypeScript; the types are checked with those of the tests. */
async function compiled(name: string): Promise<string> {
  const { code } = await transform(await readFile(file(name), 'utf8'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  const target = path.join(folder, `${name}.mjs`);
  await writeFile(target, code);
  return target;
}

const examples: [name: string, start: (...args: string[]) => Promise<string>][] = [
  ['train.py', (...args) => use('python3', file('train.py'), ...args)],
  ['train.sh', (...args) => use('bash', file('train.sh'), ...args)],
  ['train.ts', async (...args) => use(process.execPath, await compiled('train.ts'), ...args)],
];

it.each(examples)(
  '%s submits, waits, reads the results and the history, and checks what it downloads',
  async (_, start) => {
    const printed = await start(stripes.name);
    const id = /^submitted (job_\w+)$/m.exec(printed)?.[1] ?? '';
    const { state, test, tags } = await stack.client.job(id);
    expect({ state, tags }).toEqual({ state: 'succeeded', tags: ['example'] });
    expect(printed.match(/^(epoch )?[12][:,]/gm)).toHaveLength(2);
    const [, accuracy, unit] = /^test accuracy ([\d.]+)( ?%)?/m.exec(printed) ?? [];
    expect(Number(accuracy) / (unit ? 100 : 1)).toBeCloseTo(test?.accuracy ?? 0, 4);
    // Of the history: each example finds its own run.
    expect(printed.split(id).length).toBeGreaterThan(2);
    const written = await readFile(path.join(folder, `${id}.safetensors`));
    expect(printed).toContain(`${id}.safetensors sha256 ${createHash('sha256').update(written).digest('hex')}`);
  },
);

it.each(examples)('%s prints what the service refuses, and fails', async (_, start) => {
  await expect(start('no-such-set')).rejects.toThrow(/no-such-set/);
});

it('train.py is written in the Python of 3.9', async () => {
  const check = 'import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))';
  await use('python3', '-c', check, file('train.py'));
});
