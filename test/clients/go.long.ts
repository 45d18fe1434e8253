import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { useEmbedded } from '@trainyard/test-kit/service';
import { it } from 'vitest';
import { run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { checkRound } from './support/round.js';
import { installGo } from './support/tools.js';

it('oapi-codegen makes a client that compiles and does a whole round', async () => {
  const stack = await useEmbedded();
  const folder = await useFolder(stack);
  const programs = await installGo(folder, 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2');
  const env = { ...process.env, TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey };
  const go = (...args: string[]) => run('go', args, folder, env);
  await copyFile(fileURLToPath(new URL('go/round.go', import.meta.url)), path.join(folder, 'round.go'));
  await mkdir(path.join(folder, 'trainyard'));
  const output = ['-package', 'trainyard', '-o', 'trainyard/client.go'];
  await run(path.join(programs, 'oapi-codegen'), ['-generate', 'types,client', ...output, 'openapi.json'], folder);
  await go('mod', 'init', 'example.com/round');
  await go('get', 'github.com/oapi-codegen/runtime@v1.9.0');
  await go('mod', 'tidy');
  await go('vet', './...');
  await checkRound(JSON.parse(await go('run', '.')), stack);
});
