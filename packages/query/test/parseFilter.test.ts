import { describe, expect, it } from 'vitest';
import { type Fields, type FieldType, FilterError, parseFilter } from '../src/index.js';
import { show } from './show.js';

const types: Record<string, FieldType> = {
  'test.accuracy': 'number',
  duration: 'duration',
  architecture: 'text',
  state: 'text',
  augmented: 'boolean',
  finished: 'date',
  tag: 'list',
};
const fields: Fields = {
  typeOf: (path) => {
    const [first] = path;
    if (first === 'recall' && path.length === 2) return 'number';
    if (first === 'optimizer') return 'any';
    return types[path.join('.')] ?? null;
  },
  names: [...Object.keys(types), 'recall.<class>', 'optimizer.<field>'],
};
const now = Date.parse('2026-06-30T12:00:00Z');
const parse = (text: string) => parseFilter(text, fields, { now });

describe('a filter', () => {
  it.each([
    ['', ''],
    [' \n', ''],
    ['test.accuracy >= 0.7', 'test.accuracy>=0.7'],
    ['test.accuracy>=70%', 'test.accuracy>=0.7'],
    ['test.accuracy > -1e-3', 'test.accuracy>-0.001'],
    ['test.accuracy == 1', 'test.accuracy=1'],
    ['test.accuracy <> 1', 'test.accuracy!=1'],
    ['architecture = lenet', 'architecture="lenet"'],
    ['architecture="a \\"b\\" \\\\"', 'architecture="a \\"b\\" \\\\"'],
    ["architecture != 'it is'", 'architecture!="it is"'],
    ['architecture = 007', 'architecture="007"'],
    ['augmented = TRUE', 'augmented=true'],
    ['duration < 90', 'duration<90'],
    ['duration < 5m', 'duration<300'],
    ['duration <= "1.5h"', 'duration<=5400'],
    ['recall.0 > 0.5', 'recall.0>0.5'],
    ['recall."polar bear" > 0.5', 'recall.polar bear>0.5'],
    ['recall.`a.b` > 0.5', 'recall.a.b>0.5'],
    ['recall.Ärmel>1', 'recall.Ärmel>1'],
    ['tag : night', 'tag:"night"'],
    ['tag = "night"', 'tag="night"'],
    ['tag != night', '!tag="night"'],
    ['tag NOT IN (night)', '!tag in "night"'],
    ['optimizer.type = adam', 'optimizer.type="adam"'],
    ['optimizer.beta = 0.9', 'optimizer.beta=0.9'],
    ['optimizer.beta = "0.9"', 'optimizer.beta="0.9"'],
    ['optimizer.nesterov = true', 'optimizer.nesterov=true'],
    ['architecture LIKE "le%"', 'architecture like "le%"'],
    ['architecture ilike "LE_"', 'architecture ilike "LE_"'],
    ['architecture in (lenet, "cnn3")', 'architecture in "lenet","cnn3"'],
    ['architecture NOT IN (lenet)', '(!architecture missing and !architecture in "lenet")'],
    ['test.accuracy BETWEEN 0.1 AND 20%', '(test.accuracy>=0.1 and test.accuracy<=0.2)'],
    ['test.accuracy IS NULL', 'test.accuracy missing'],
    ['test.accuracy is not null', '!test.accuracy missing'],
  ])('%s is %s', (text, expected) => {
    expect(show(parse(text))).toBe(expected);
  });

  it('has the precedence of SQL, and parentheses', () => {
    expect(show(parse('state=a OR state=b AND state=c'))).toBe('(state="a" or (state="b" and state="c"))');
    expect(show(parse('(state=a or state=b) and not not state=c'))).toBe('((state="a" or state="b") and !!state="c")');
    expect(show(parse('NOT state=a AND state=b'))).toBe('(!state="a" and state="b")');
    expect(show(parse('NOT(state=a AND state=b)'))).toBe('!(state="a" and state="b")');
  });

  it.each([
    ['2026-05-31', '2026-05-31T00:00:00.000Z'],
    ['2026-05-31T10:00:00+05:30', '2026-05-31T04:30:00.000Z'],
    ['"2026-05-31t10:00:00.5z"', '2026-05-31T10:00:00.500Z'],
    ['"7d ago"', '2026-06-23T12:00:00.000Z'],
    ["'36 h ago'", '2026-06-29T00:00:00.000Z'],
  ])('takes the date %s', (text, expected) => {
    const filter = parse(`finished >= ${text}`);
    expect(filter).toMatchObject({ operator: '>=', value: { type: 'date', value: Date.parse(expected) } });
  });
});

describe('an error names the place and what was expected', () => {
  it.each([
    ['test.acuracy > 1', 1, 'there is no field test.acuracy; did you mean test.accuracy?'],
    ['state=a AND recal.cat > 1', 13, 'there is no field recal.cat; did you mean recall.cat?'],
    ['zzz = 1', 1, 'there is no field zzz'],
    ['test.accuracy', 14, 'expected =, !=, <, <=, >, >=, :, IN, BETWEEN, LIKE or IS NULL, found the end'],
    ['test.accuracy ~ 1', 15, 'expected =, !=, <, <=, >, >=, :, IN, BETWEEN, LIKE or IS NULL, found "~"'],
    ['test.accuracy > high', 17, 'expected a number, like 0.7 or 70%, found high'],
    ['test.accuracy > "0.7"', 17, 'expected a number, like 0.7 or 70%, found "0.7"'],
    ['test.accuracy > 1e999', 17, 'expected a number, like 0.7 or 70%, found 1e999'],
    ['test.accuracy >', 16, 'expected a number, like 0.7 or 70%, found the end'],
    ['architecture > "a"', 14, 'architecture has no order, so that > cannot compare it'],
    ['architecture BETWEEN a AND b', 14, 'architecture has no order, so that BETWEEN cannot compare it'],
    ['test.accuracy : 7', 15, 'test.accuracy is no text, so that : cannot compare it'],
    ['state = null', 9, 'nothing equals NULL; write state IS NULL'],
    [
      'finished > 2026-02-30',
      12,
      'expected a date, like 2026-05-31, 2026-05-31T12:00:00Z or "7d ago", found 2026-02-30',
    ],
    ['finished > "99999999999d ago"', 12, 'expected a date'],
    ['state = "a', 9, 'the quote " is not closed'],
    ['state = a state = b', 11, 'expected AND, OR or the end, found "state"'],
    ['(state = a', 11, 'expected AND, OR or ), found the end'],
    ['state = a)', 10, 'expected AND, OR or the end, found ")"'],
    ['state IN ()', 11, 'expected a text, like "lenet", found ")"'],
    ['state IN (a b)', 13, 'expected , or ), found "b"'],
    ['state IS a', 10, 'expected NULL or NOT NULL, found "a"'],
    ['state NOT = a', 11, 'expected IN, BETWEEN, LIKE or ILIKE, found "="'],
    ['AND', 1, 'expected a field, found "AND"'],
    ['state=a AND OR state=b', 13, 'expected a field, found "OR"'],
    ['optimizer.beta > "0.9"', 18, 'expected a number, like 0.7 or 70%, found "0.9"'],
    ['state LIKE "a\\\\"', 12, 'the pattern ends with a \\ that takes no character'],
    ['state = "a\0"', 11, 'the character U+0000 is not allowed'],
    ['"; DROP TABLE jobs', 1, 'the quote " is not closed'],
    [`${'('.repeat(60)}state=a${')'.repeat(60)}`, 51, 'more than 50 parentheses'],
    [Array(101).fill('state=a').join(' OR '), 1101, 'more than 100 comparisons'],
    [`state = "${'a'.repeat(4000)}"`, 4001, 'it is longer than 4000 characters'],
  ])('%s', (text, character, reason) => {
    const read = () => parse(text);
    expect(read).toThrow(FilterError);
    expect(read).toThrow(`the filter is wrong at character ${character}: ${reason}`);
  });
});

it('fails on random text with a FilterError alone', () => {
  const pieces = [
    'test.accuracy',
    'recall',
    '.',
    '"',
    "'",
    '`',
    '(',
    ')',
    ' ',
    'AND',
    'or',
    'NOT',
    'IN',
    '>=',
    '!',
    ':',
    '7',
    '%',
    '\\',
    '💥',
    ',',
  ];
  let seed = 12;
  const draw = (count: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * count);
  };
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from({ length: draw(12) }, () => pieces[draw(pieces.length)]).join(draw(2) ? ' ' : '');
    try {
      parse(text);
    } catch (error) {
      expect(error, text).toBeInstanceOf(FilterError);
      expect((error as FilterError).position).toBeLessThanOrEqual(text.length);
    }
  }
});
