import shared from '../../vitest.base.js';

/** `npm run test:pytorch`: needs a Python with PyTorch, which run.mjs names in PYTHON. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/pytorch/*.long.ts'],
    fileParallelism: false,
    testTimeout: 1_800_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
