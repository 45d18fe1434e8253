import shared from '../../vitest.base.js';

/** `npm run test:statistics`: needs a Python with statsmodels, which run.mjs names in PYTHON. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/statistics/*.long.ts'],
    globalSetup: [],
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
