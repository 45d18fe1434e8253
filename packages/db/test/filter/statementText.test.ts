import { facetsQuerySchema, listJobsQuerySchema, resultsQuerySchema } from '@trainyard/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { conditionsOf } from '../../src/filter/conditionsOf.js';
import { join, type Sql } from '../../src/postgres/sql.js';
import { readTable } from '../../src/results/exportHistory.js';
import { facetsStatement } from '../../src/results/facets.js';
import { historyKeysStatement, historyStatement } from '../../src/results/history.js';

interface Drawn {
  text: string;
  number: number;
}
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

const comparisons: ((drawn: Drawn) => string)[] = [
  ({ text }) => `name = ${quoted(text)}`,
  ({ text }) => `notes LIKE ${quoted(text)}`,
  ({ text }) => `experiment:${quoted(text)}`,
  ({ text }) => `tag IN (${quoted(text)}, 'night')`,
  ({ text }) => `spec.${quoted(text)}.type != ${quoted(text)}`,
  ({ text }) => `optimizer.${quoted(text)} IS NOT NULL`,
  ({ text, number }) => `recall.${quoted(text)} > ${number}`,
  ({ text, number }) => `confusion.${quoted(text)}.${quoted(text)} <= ${number}`,
  ({ number }) => `test.accuracy BETWEEN 0 AND ${number}`,
  ({ number }) => `learningRate IN (${number}, 1)`,
  ({ number }) => `duration < ${number}`,
];
const fields = (text: string) => [
  'name',
  'test.accuracy',
  `recall.${quoted(text)}`,
  `spec.${quoted(text)}`,
  `confusion.cat.${quoted(text)}`,
];

/** Text that would be SQL if it were not a parameter, and a number that no statement has. */
const hostile = fc.record({
  text: fc
    .tuple(
      fc.constantFrom("'", '"', "';--", '$1', '\\', '%', '*/', '', '日'),
      fc.string({ unit: 'binary', maxLength: 9 }),
    )
    .map(([start, rest]) => `${start}zq9${rest.replaceAll('\0', '')}`),
  number: fc.integer({ min: 700_000_000, max: 799_999_999 }),
});

interface Shape {
  /** Indices of `comparisons`. */
  chosen: number[];
  /** An index of `fields`. */
  sort: number;
  descending: boolean;
}
const shapes: fc.Arbitrary<Shape> = fc.record({
  chosen: fc.array(fc.nat({ max: comparisons.length - 1 }), { minLength: 1, maxLength: 8 }),
  sort: fc.nat({ max: 4 }),
  descending: fc.boolean(),
});

/** The text of every statement that a request makes of what a user has written. */
async function textsOf({ chosen, sort, descending }: Shape, drawn: Drawn) {
  const filter = chosen.map((index, i) => `${i % 3 === 1 ? 'NOT ' : ''}(${comparisons[index]?.(drawn)})`).join(' OR ');
  const field = fields(drawn.text)[sort] ?? '';
  const plain = { experiment: drawn.text.slice(0, 200), dataset: drawn.text, filter };
  const query = resultsQuerySchema.parse({
    ...plain,
    sort: `${descending ? '-' : ''}${field}`,
    columns: fields(drawn.text).join(),
  });
  const statements: Sql[] = [
    historyKeysStatement(drawn.text, query),
    historyStatement(drawn.text, query),
    facetsStatement(drawn.text, facetsQuerySchema.parse({ ...plain, field })),
    join(conditionsOf(listJobsQuerySchema.parse({ filter }).filter ?? ''), ' AND '),
  ];
  const { batches } = await readTable(
    {
      async query(_, statement) {
        statements.push(statement);
        return [];
      },
      async *batches(statement) {
        statements.push(statement);
        yield [];
      },
    },
    drawn.text,
    query,
  );
  for await (const _ of batches);
  return statements.map(({ text }) => text);
}

it('no text or number of a user is a part of a statement, whatever it is', async () => {
  const other = { text: 'a', number: 0.5 };
  await fc.assert(
    fc.asyncProperty(shapes, hostile, async (shape, drawn) => {
      const texts = await textsOf(shape, drawn);
      expect(texts.join('\n')).not.toMatch(/zq9|7\d{8}/);
      // The same request with other values is the same statement.
      expect(texts).toEqual(await textsOf(shape, other));
    }),
    { numRuns: 300 },
  );
});
