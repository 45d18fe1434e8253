import { expect, it } from 'vitest';
import { TrainerOutput } from '../../src/attempt/trainerOutput.js';

function collect(failures = 0) {
  const written: string[][] = [];
  let left = failures;
  const output = new TrainerOutput(async (lines) => {
    left -= 1;
    if (left >= 0) throw new Error('the database is away');
    written.push(lines);
  });
  return { output, written };
}

it('writes what waits, once', async () => {
  const { output, written } = collect();
  output.add('one');
  output.add('two');
  await output.flush();
  await output.flush();
  expect(written).toEqual([['one', 'two']]);
});

it('keeps lines that could not be written for the next time', async () => {
  const { output, written } = collect(1);
  output.add('one');
  await output.flush();
  output.add('two');
  await output.flush();
  expect(written).toEqual([['one', 'two']]);
});

it('counts what one write cannot take', async () => {
  const { output, written } = collect(1);
  for (let i = 0; i < 130; i++) output.add(String(i));
  await output.flush();
  await output.flush();
  expect(written[0]).toHaveLength(101);
  expect(written[0]?.at(-1)).toBe('... and 30 more lines');
});

it('hides passwords, and what Postgres cannot store', async () => {
  const { output, written } = collect();
  output.add('connecting to postgres://anna:secret@host/db\0');
  output.add(`${'x'.repeat(999)}😀`);
  await output.flush();
  expect(written[0]).toEqual(['connecting to postgres://anna:***@host/db', 'x'.repeat(999)]);
});
