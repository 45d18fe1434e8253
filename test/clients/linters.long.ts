import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { useEmbedded } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';
import { run } from '../packaging/support.js';
import { useFolder } from './support/folder.js';
import { installNpm } from './support/tools.js';

// Neither may report to its makers that it was used.
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

it('Redocly and Spectral find no error and no warning in the document', async () => {
  const folder = await useFolder(await useEmbedded());
  const programs = await installNpm(folder, ['@redocly/cli@2.77.0', '@stoplight/spectral-cli@6.16.3']);
  await writeFile(path.join(folder, 'rules.json'), JSON.stringify({ extends: ['spectral:oas'] }));
  const use = (program: string, ...args: string[]) => run(path.join(programs, program), args, folder, env);
  const spectral = ['lint', '--ruleset', 'rules.json', '--format', 'json', '--fail-severity', 'hint', '--quiet'];
  expect(JSON.parse(await use('spectral', ...spectral, 'openapi.json'))).toEqual([]);
  const redocly = ['lint', '--extends=recommended', '--max-problems=200', '--format=json'];
  expect(JSON.parse(await use('redocly', ...redocly, 'openapi.json')).problems).toEqual([]);
});
