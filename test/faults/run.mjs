#!/usr/bin/env node
/**
 * Runs many short jobs on real processes and servers while faults hit them, and checks the history of every job at the end.
 *
 *   npm run test:faults -- --seed 7 --jobs 200 --faults 60 --queue redis
 *   npm run test:kills -- --seed 7 --runs 50
 *
 * --seed N    draws the faults, their victims and their moments; printed, and drawn where it is not given
 * --jobs N    how many jobs (200)
 * --faults N  how many faults (60)
 * --queue     redis or postgres
 *
 * test:kills runs one small job again and again, kills its trainer or its worker at a random moment, some in the middle of a
 * checkpoint's writing, and compares what it comes to with a run that nobody disturbed.
 *
 * --runs N    how many (50)
 *
 * Shows each fault as it happens. Where something is wrong it says what, and where the logs of all processes lie. Runs on
 * what `npm run build` made.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { binary, show } from '../../scripts/lib/shell.mjs';
import { main } from '../../scripts/lib/steps.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    jobs: { type: 'string', default: '200' },
    faults: { type: 'string', default: '60' },
    queue: { type: 'string', default: 'redis' },
    kills: { type: 'boolean', default: false },
    runs: { type: 'string', default: '50' },
  },
});
const [seed, jobs, faults, runs] = [values.seed, values.jobs, values.faults, values.runs].map(Number);
const options = values.kills ? { seed, runs } : { seed, jobs, faults, backend: values.queue };

main(() => {
  const env = { ...process.env, TRAINYARD_BATTERY: JSON.stringify(options) };
  const config = ['--config', 'test/faults/vitest.config.ts', '--root', '.'];
  const file = `test/faults/${values.kills ? 'kills/kills' : 'battery/battery'}.long.ts`;
  return show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config, file], { env });
});
