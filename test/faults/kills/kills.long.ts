import { expect, test } from 'vitest';
import { runKills } from './kills.js';

/** Run by test/faults/run.mjs, which passes its options in this variable. */
const options = JSON.parse(process.env.TRAINYARD_BATTERY ?? '{}');

test('every killed run has the same outcome as an undisturbed run', { timeout: 3_600_000 }, async () => {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const { outcomes, undisturbed } = await runKills({ ...options, print });
  const equal = outcomes.filter((outcome) => outcome === undisturbed).length;
  print(`seed ${options.seed}: ${equal} of ${outcomes.length} runs ended with the undisturbed run's digests and rows`);
  expect(equal).toBe(options.runs);
});
