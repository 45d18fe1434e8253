import shared from '../../vitest.base.js';

/** `npm run test:image`: builds and runs the image with buildah and debootstrap, as root, in six minutes. */
export default {
  ...shared,
  // Replaced, not merged: merging would add to the shared list of files.
  test: {
    ...shared.test,
    include: ['test/image/*.long.ts'],
    testTimeout: 1_800_000,
    disableConsoleIntercept: true,
    reporters: ['verbose'],
  },
};
