import shared from '../../vitest.base.js';

/** `npm run test:formats`: needs a Python with the readers, which run.mjs names in PYTHON. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/formats/*.long.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
