import { test } from 'vitest';
import { runBattery } from './battery.js';

/** Run by test/faults/run.mjs, which passes its options in this variable. */
const options = JSON.parse(process.env.TRAINYARD_BATTERY ?? '{}');

test('many jobs and many faults', { timeout: 3_600_000 }, () =>
  runBattery({ ...options, print: (line) => process.stdout.write(`${line}\n`) }),
);
