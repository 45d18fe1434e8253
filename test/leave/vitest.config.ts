import shared from '../../vitest.base.js';

/** `npm run test:leave`: a thousand jobs on real processes, in some minutes. */
export default {
  ...shared,
  test: {
    ...shared.test,
    include: ['test/leave/*.long.ts'],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 900_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
