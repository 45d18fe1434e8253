import shared from '../../vitest.base.js';

/** `npm run test:tensorboard`: needs a Python with TensorBoard, which run.mjs names in PYTHON. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/tensorboard/*.long.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
