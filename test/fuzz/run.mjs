#!/usr/bin/env node
/**
 * Sends an API process requests that are drawn from its OpenAPI document, valid and broken ones.
 *
 *   npm run test:fuzz -- --requests 20000 --seed 7
 *
 * --requests  how many (20000)
 * --seed      the same seed draws the same requests; default: a random one, which is printed
 *
 * Fails at the first answer that is an error of the service, and prints the smallest request that causes it.
 * Runs on the output of `npm run build`.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { binary, show } from '../../scripts/lib/shell.mjs';
import { main } from '../../scripts/lib/steps.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
});

main(() => {
  console.log(`${values.requests} requests, --seed ${values.seed}`);
  const env = { ...process.env, TRAINYARD_FUZZ_REQUESTS: values.requests, TRAINYARD_FUZZ_SEED: values.seed };
  const args = [binary('vitest/vitest.mjs'), 'run', 'test/fuzz', '--disable-console-intercept'];
  return show(process.execPath, args, { env });
});
