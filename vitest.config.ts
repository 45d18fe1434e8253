import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

const all = ['{packages,apps}/*/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'test/**/*.test.ts'];

/**
 * Files that change nothing of their process: one process runs many of them, and loads what they import once, which
 * takes them longer than their tests.
 */
const together = [
  'apps/api/test/**/*.test.ts',
  'packages/{architectures,artifacts,client,contracts,db,formats,program,query,spec,sweeps}/test/**/*.test.ts',
];
/** Files in these folders that replace a module, a clock or the environment of their process. */
const replacing = [
  'apps/api/test/slowClients.test.ts',
  'packages/db/test/access/keyTiming.test.ts',
  'packages/db/test/forecasts/queueState.test.ts',
  'packages/db/test/postgres/environment.test.ts',
];

const { globalSetup, maxWorkers, ...shared } = base.test;
const { resolve, ssr } = base;
const project = (name: string, test: { include: string[]; exclude: string[]; isolate: boolean }) => ({
  resolve,
  ssr,
  test: { ...shared, name, ...test },
});

export default defineConfig({
  test: {
    globalSetup,
    maxWorkers,
    projects: [
      project('together', { include: together, exclude: replacing, isolate: false }),
      project('replacing', { include: replacing, exclude: [], isolate: true }),
      project('others', { include: all, exclude: [...together, '**/node_modules/**'], isolate: true }),
    ],
  },
});
