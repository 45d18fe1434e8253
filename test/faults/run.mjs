#!/usr/bin/env node
/**
 * Runs many short jobs on real processes and servers, injects faults meanwhile, and checks the history of every job at
 * the end.
 *
 *   npm run test:faults -- --seed 7 --jobs 200 --faults 60 --queue redis
 *   npm run test:kills -- --seed 7 --runs 50
 *
 * --seed N    draws the faults, their victims and their moments; printed; default: a random one
 * --jobs N    how many jobs (200)
 * --faults N  how many faults (60)
 * --queue     redis or postgres
 *
 * test:kills runs one small job many times, kills its trainer or its worker at a random moment, sometimes in the middle
 * of writing a checkpoint, and compares the outcome with that of an undisturbed run.
 *
 * --runs N    how many (50)
 *
 * Prints each fault when it happens, and at the end a table with the longest time for which a job was held up beside
 * each kind of fault; more than 30 s are an error. Faults of the disk need root, who may mount; else they are left out,
 * and the first lines say so. On an error it prints what is wrong, and the folder with the logs of all processes. Runs
 * on the output of `npm run build`.
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
