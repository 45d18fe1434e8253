import type { ViteUserConfig } from 'vitest/config';

/** What every run of tests has; those that are not part of `npm test` add the names of their files. */
export default {
  // Tests run the sources; each package's exports name them under this condition.
  resolve: { conditions: ['@trainyard/source'] },
  ssr: { resolve: { conditions: ['@trainyard/source'] } },
  test: {
    globalSetup: ['packages/test-kit/src/globalSetup.ts', 'packages/executor-native/test/globalSetup.ts'],
    pool: 'forks',
    // More than the two processors of the smallest machine that runs them: the tests of faults wait most of their time.
    maxWorkers: 3,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Two processes that spin at OpenMP barriers slow each other down tenfold.
    env: { OMP_WAIT_POLICY: 'passive' },
  },
} satisfies ViteUserConfig;
