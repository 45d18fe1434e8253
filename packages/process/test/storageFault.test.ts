import { readFile } from 'node:fs/promises';
import { storageFault } from '@trainyard/process';
import { expect, it } from 'vitest';

it('says what is wrong with a disk, and is silent about other errors', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  expect(storageFault(full)).toBe('no space is left on its disk (ENOSPC); free some');
  const missing = await readFile('/no/such/file').catch((error: unknown) => error);
  expect([missing, new Error('x'), null].map(storageFault)).toEqual([null, null, null]);
});

it('takes a connection that is not permitted for no fault of a disk', () => {
  const refused = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' });
  expect(storageFault(refused)).toBeNull();
});
