import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.base.js';

/** For the long runs, which take minutes and are started by name. */
export default mergeConfig(
  shared,
  defineConfig({ test: { include: ['test/faults/*/*.long.ts'], disableConsoleIntercept: true, reporters: ['dot'] } }),
);
