#!/usr/bin/env node
/**
 * Runs many short jobs on real processes and servers while faults hit them, and checks the history of every job at the end.
 *
 *   npm run test:faults -- --seed 7 --jobs 200 --faults 60 --queue redis
 *
 * --seed N    draws the faults, their victims and their moments; printed, and drawn where it is not given
 * --jobs N    how many jobs (200)
 * --faults N  how many faults (60)
 * --queue     redis or postgres
 *
 * Shows each fault as it happens. Where something is wrong it says what, and where the logs of all processes lie. Runs on
 * what `npm run build` made.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { binary, show } from './lib/shell.mjs';
import { main } from './lib/steps.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    jobs: { type: 'string', default: '200' },
    faults: { type: 'string', default: '60' },
    queue: { type: 'string', default: 'redis' },
  },
});
const [seed, jobs, faults] = [values.seed, values.jobs, values.faults].map(Number);
const backend = values.queue;

main(() => {
  const env = { ...process.env, TRAINYARD_BATTERY: JSON.stringify({ seed, jobs, faults, backend }) };
  const config = ['--config', 'test/battery/vitest.config.ts', '--root', '.'];
  return show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config, 'test/battery/long.ts'], { env });
});
