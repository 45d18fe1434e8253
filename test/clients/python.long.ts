import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { useEmbedded } from '@trainyard/test-kit/service';
import { it } from 'vitest';
import { run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { checkRound } from './support/round.js';
import { installPython, withPrograms } from './support/tools.js';

it('openapi-python-client makes a client whose types are right, and which does a whole round', async () => {
  const stack = await useEmbedded();
  const folder = await useFolder(stack);
  const programs = await installPython(folder, ['openapi-python-client==0.29.1', 'ruff==0.17.6', 'mypy==2.4.1']);
  const env = withPrograms(programs, { TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey });
  const use = (program: string, ...args: string[]) => run(path.join(programs, program), args, folder, env);
  await copyFile(fileURLToPath(new URL('python/round.py', import.meta.url)), path.join(folder, 'round.py'));
  await use('openapi-python-client', 'generate', '--path', 'openapi.json', '--output-path', 'client');
  await use('pip', 'install', '--quiet', '--disable-pip-version-check', './client');
  await use('mypy', '--strict', 'round.py');
  await checkRound(JSON.parse(await use('python', 'round.py')), stack);
});
