import shared from '../../vitest.base.js';

/** `npm run test:machines`: fresh checkouts on odd machines, as root, in about ten minutes. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/machines/*.long.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
