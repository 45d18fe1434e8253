import { expect, it } from 'vitest';
import { opsHeader } from '../src/opsHeader.js';

it('the C++ header agrees with the tables of ops; else run `npm run generate:ops` and build again', async () => {
  await expect(opsHeader()).toMatchFileSnapshot('../native/engine/ops.h');
});
