import shared from '../../vitest.base.js';

/** `npm run test:clients`: installs the tools that make clients, linters and fuzzers, and takes ten minutes. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/clients/*.{long,test}.ts'],
    fileParallelism: false,
    testTimeout: 1_800_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
