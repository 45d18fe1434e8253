import shared from '../../vitest.base.js';

/** `npm run test:mlflow`: needs Pythons with MLflow, which run.mjs names in PYTHON_2 and PYTHON_3. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/mlflow/*.long.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
