#!/usr/bin/env node
/**
 * Sends an API process requests that are drawn from its OpenAPI document, well-formed and broken ones.
 *
 *   npm run test:fuzz -- --requests 20000 --seed 7
 *
 * --requests  how many (20000)
 * --seed      draws the same ones again; default: a new one, which is printed
 *
 * Ends with an error at the first answer that is a fault of the service, with the smallest such request that was found.
 * Runs on what `npm run build` made.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { binary } from '../../scripts/lib/shell.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
});
console.log(`${values.requests} requests, --seed ${values.seed}`);
const env = { ...process.env, TRAINYARD_FUZZ_REQUESTS: values.requests, TRAINYARD_FUZZ_SEED: values.seed };
const args = [binary('vitest/vitest.mjs'), 'run', 'test/fuzz', '--disable-console-intercept'];
const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
