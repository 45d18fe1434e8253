import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.js';

/** What takes minutes and is run by name. */
export default mergeConfig(
  shared,
  defineConfig({ test: { include: ['test/faults/*/*.long.ts'], disableConsoleIntercept: true, reporters: ['dot'] } }),
);
