import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { cannotMount, useSmallDisk } from '@trainyard/test-kit';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';

it.skipIf(cannotMount)(`an import names the full disk${cannotMount ? `; ${cannotMount}` : ''}`, async () => {
  const disk = await useSmallDisk('1m');
  await mkdir(path.join(disk.folder, 'datasets'));
  await disk.fill();
  const { terminal, written } = captureTerminal();
  expect(await run(['dataset', 'import', 'shapes'], terminal, { TRAINYARD_HOME: disk.folder })).toBe(2);
  expect(written.error).toBe(
    `error: TRAINYARD_HOME cannot take the dataset: ${disk.folder}/datasets cannot be written: ` +
      'no space is left on its disk (ENOSPC); free some\n',
  );
});
