import { copyFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { useEmbedded } from '@trainyard/test-kit/service';
import { it } from 'vitest';
import { root, run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { checkRound } from './support/round.js';

const require = createRequire(import.meta.url);
/** The compiler of this folder: openapi-typescript does not work with that of the workspace. */
const tsc = require.resolve('typescript/bin/tsc');
const generator = path.join(path.dirname(require.resolve('openapi-typescript/package.json')), 'bin/cli.js');

const compilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  target: 'ES2022',
  module: 'NodeNext',
  types: ['node'],
  outDir: 'compiled',
};

it('openapi-typescript and openapi-fetch make a client that compiles and does a whole round', async () => {
  const stack = await useEmbedded();
  const folder = await useFolder(stack);
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await copyFile(fileURLToPath(new URL('typescript/round.ts', import.meta.url)), path.join(folder, 'round.ts'));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['round.ts'] }));
  const node = (args: string[], env = {}) => run(process.execPath, args, folder, { ...process.env, ...env });
  await node([generator, 'openapi.json', '--output', 'schema.ts', '--default-non-nullable=false']);
  await node([tsc, '--project', '.']);
  const printed = await node(['compiled/round.js'], { TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey });
  await checkRound(JSON.parse(printed), stack);
});
