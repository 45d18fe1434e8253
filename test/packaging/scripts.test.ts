import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, root, run } from './support.js';

/** Calls an exported function of scripts/lib. @returns what it resolves to, or the message of its error. */
async function call(file: string, expression: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const program = `
    const lib = await import('./scripts/lib/${file}');
    const answer = await (${expression}).catch((error) => error.message);
    console.log(JSON.stringify(answer ?? null));`;
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(await run(process.execPath, args, root, { ...process.env, ...env }));
}

test('what a program warns of on stderr is not parsed', async () => {
  const answer = await call('shell.mjs', `lib.capture('sh', ['-c', 'echo noise >&2; echo answer'])`);
  expect(answer).toMatchObject({ code: 0, stdout: 'answer\n', output: expect.stringContaining('noise') });
});

test.each([
  ['bun', 'Bun'],
  ['pnp', 'Yarn Plug’n’Play'],
])('what runs under %s is answered with the command of npm', async (property, name) => {
  const start = `(async () => {
    Object.defineProperty(process, 'versions', { value: { ...process.versions, ${property}: '3' } });
    lib.requireNode();
  })()`;
  const answer = `Use npm: \`npm run start\`. This is ${name}; Trainyard runs on Node, with npm’s packages.`;
  expect(await call('system.mjs', start, { npm_lifecycle_event: 'start' })).toBe(answer);
});

test.each([
  ['yarn/1.22.22 npm/? node/v20.20.2 linux x64', 1],
  ['npm/10.8.2 node/v20.20.2 linux x64 workspaces/false', 0],
])('an installation by %s ends with %d', async (agent, code) => {
  const { preinstall } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')).scripts;
  const ended = spawnSync('sh', ['-c', preinstall], { env: { PATH: process.env.PATH, npm_config_user_agent: agent } });
  expect(ended.status).toBe(code);
});

test('CXX may be several words, and one that does not run is named', async () => {
  expect(await call('system.mjs', 'lib.ensureCompiler()', { CXX: 'env g++' })).toBeNull();
  const named = 'CXX names no compiler that runs here: clang++-99';
  expect(await call('system.mjs', 'lib.ensureCompiler()', { CXX: 'clang++-99' })).toBe(named);
});

test('the addon compiles in a checkout whose path has a space, an umlaut, a number sign and a dollar', async () => {
  const { folder, remove } = await emptyFolder();
  try {
    // The shell would expand the dollar in a path, quoted or not, that make hands to it.
    const checkout = path.join(folder, 'of $HOME');
    const native = path.join(checkout, 'packages/executor-native/native');
    const source = path.join(root, 'packages/executor-native/native');
    const isSource = (file: string) => path.relative(source, file) !== 'build';
    await cp(source, native, { recursive: true, filter: isSource });
    await mkdir(path.join(checkout, 'node_modules'), { recursive: true });
    for (const name of ['node-api-headers', 'node-addon-api'])
      await cp(path.join(root, 'node_modules', name), path.join(checkout, 'node_modules', name), { recursive: true });
    // One object that includes both packages, without optimisation.
    await run('make', ['-C', native, 'OPTIMIZATION=-O0', 'build/bridge/to_js.o'], folder);
  } finally {
    await remove();
  }
}, 120_000);
