#!/usr/bin/env node
/**
 * Proves the OpenAPI document with tools that others wrote: TypeScript, Python and Go clients are generated from it,
 * compiled, and do a whole round of jobs on a real service; linters read it; Schemathesis sends requests drawn from it.
 * PyPI's package of Standard Webhooks verifies what the service sends.
 *
 *   npm run test:clients -- --fuzz 300 --seed 7
 *
 * --fuzz  seconds of Schemathesis (300); 0 leaves it out
 * --seed  the same seed draws the same requests; default: a random one, which is printed
 *
 * Needs Python 3.11, Go 1.24, and the registries of npm, PyPI and Go, from which it installs the tools into temporary
 * folders; it fails where it cannot have one. Runs on the output of `npm run build`.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { binary, show } from '../../scripts/lib/shell.mjs';
import { main } from '../../scripts/lib/steps.mjs';

const { values } = parseArgs({
  options: {
    fuzz: { type: 'string', default: '300' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
});

main(() => {
  console.log(values.fuzz === '0' ? 'without Schemathesis' : `Schemathesis: ${values.fuzz} s, --seed ${values.seed}`);
  const env = { ...process.env, TRAINYARD_FUZZ_SECONDS: values.fuzz, TRAINYARD_FUZZ_SEED: values.seed };
  const config = ['--config', 'test/clients/vitest.config.ts', '--root', '.'];
  return show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...config], { env });
});
