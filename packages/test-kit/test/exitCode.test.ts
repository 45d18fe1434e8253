import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

it('a run of tests fails when a test fails that used a server', async () => {
  const folder = await mkdtemp(path.join(import.meta.dirname, 'failing-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const test = `import { postgresUrl } from '@trainyard/test-kit';
import { expect, test } from 'vitest';
test('fails', async () => expect(await postgresUrl()).toBe('no such server'));
`;
  await writeFile(path.join(folder, 'failing.test.ts'), test);
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  const child = spawn(process.execPath, [vitest, 'run', '--root', root, folder], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  expect(output).toMatch(/Tests\s+1 failed/);
  expect(code).toBe(1);
});
