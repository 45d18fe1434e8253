import { expect, test } from 'vitest';
import { runKills } from './kills.js';

/** Run by test/faults/run.mjs, which passes its options in this variable. */
const options = JSON.parse(process.env.TRAINYARD_BATTERY ?? '{}');

test('every killed run ends as the run that nobody disturbed', { timeout: 3_600_000 }, async () => {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { outcomes, undisturbed } = await runKills({ ...options, say });
  const equal = outcomes.filter((outcome) => outcome === undisturbed).length;
  say(`seed ${options.seed}: ${equal} of ${outcomes.length} runs ended with the undisturbed run's digests and rows`);
  expect(equal).toBe(options.runs);
});
