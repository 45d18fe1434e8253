import shared from '../../vitest.base.js';

/** `npm run test:control`: large queues and many runs on real processes, in some minutes. */
export default {
  ...shared,
  test: {
    ...shared.test,
    include: ['test/control/*.long.ts'],
    fileParallelism: false,
    testTimeout: 1_800_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
