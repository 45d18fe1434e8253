import { describe, expect, it } from 'vitest';
import { FilterError, type MlflowPaths, parseMlflowFilter } from '../src/index.js';
import { show } from './show.js';

/** Every key but `unknown` is a field. */
const pathOf: MlflowPaths = (kind, key) => (key === 'unknown' ? null : [kind, key]);
const parse = (text: string) => parseMlflowFilter(text, pathOf);

describe('a filter of MLflow', () => {
  it.each([
    ['', ''],
    ['metrics.val_loss < 0.1', 'metric.val_loss<0.1'],
    ['metric.val_loss >= 0.13', 'metric.val_loss>=0.13'],
    ['metrics.val_loss<1e-1', 'metric.val_loss<0.1'],
    ['metrics.val_loss < -1', 'metric.val_loss<-1'],
    ['metrics.val_loss != 0', 'metric.val_loss!=0'],
    ['metrics.`train/loss` > 0', 'metric.train/loss>0'],
    ['metrics."val loss" = .5', 'metric.val loss=0.5'],
    ["params.lr = '0.01'", 'param.lr="0.01"'],
    ['parameters.lr != "0.01"', 'param.lr!="0.01"'],
    ["`params`.`lr` = '0.01'", 'param.lr="0.01"'],
    ["params.architecture LIKE 'res%'", 'param.architecture like "res%"'],
    ["param.architecture ilike 'RES_'", 'param.architecture ilike "RES_"'],
    // Nothing escapes a character in MLflow: what does so in our patterns is a character itself.
    [String.raw`params.path LIKE 'C:\%\'`, String.raw`param.path like "C:\\\\%\\\\"`],
    [String.raw`tags.path = 'C:\'`, String.raw`tag.path="C:\\"`],
    ['params.x IS NULL', 'param.x missing'],
    ['tags.x is not null', '!tag.x missing'],
    ["tags.`my tag` = 'spaced'", 'tag.my tag="spaced"'],
    ["tags.owner.name = 'kim'", 'tag.owner.name="kim"'],
    ["tag.mlflow.runName = 'r'", 'tag.mlflow.runName="r"'],
    [`tags.q = "it's"`, `tag.q="it's"`],
    ['tags.q = \'AND "x" OR\'', 'tag.q="AND \\"x\\" OR"'],
    ["params.größe = '日本'", 'param.größe="日本"'],
    ["status = 'FINISHED'", 'attribute.status="FINISHED"'],
    ["run.status != 'FAILED'", 'attribute.status!="FAILED"'],
    ["attr.run_name LIKE 'v%'", 'attribute.run_name like "v%"'],
    ["`run name` = 'x'", 'attribute.run_name="x"'],
    ["attributes.`Run Name` = 'x'", 'attribute.run_name="x"'],
    ['start_time > 1700000000000', 'attribute.start_time>1700000000000'],
    ['created >= 17', 'attribute.start_time>=17'],
    ["run_id IN ('a','b')", 'attribute.run_id in "a","b"'],
    ["attributes.run_id not in ('a')", '(!attribute.run_id missing and !attribute.run_id in "a")'],
    ["dataset.name = 'toy'", 'dataset.name="toy"'],
    ["datasets.context IN ('training')", 'dataset.context in "training"'],
    ["metrics.a > 1 AND params.b = '2' and tags.c = '3'", '(metric.a>1 and param.b="2" and tag.c="3")'],
    ['metrics.a > 1 AND', 'metric.a>1'],
    ['metrics.a > 1 metrics.b > 2', '(metric.a>1 and metric.b>2)'],
  ])('%s is %s', (text, expected) => {
    expect(show(parse(text))).toBe(expected);
  });

  it.each([
    ['metrics.unknown != 1', { type: 'or', operands: [] }],
    ["tags.unknown LIKE '%'", { type: 'or', operands: [] }],
    ['params.unknown IS NULL', { type: 'and', operands: [] }],
    ['params.unknown IS NOT NULL', { type: 'not', operand: { type: 'and', operands: [] } }],
  ])('finds runs that lack the key by IS NULL alone: %s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    [' ', 2, 'expected a key, like metrics.loss, found the end'],
    ["metrics.a < '0.1'", 13, "expected a number without quotes, found '0.1'"],
    ['metrics.a = NaN', 13, 'expected a number without quotes, found NaN'],
    ['metrics.a = 1e999', 13, 'expected a number without quotes, found 1e999'],
    [
      'metrics.a LIKE 0.1',
      11,
      'expected =, !=, <, <=, > or >= (names of other characters stand in backticks), found "LIKE"',
    ],
    ['metrics.a == 1', 11, 'expected =, !=, <, <=, > or >=, found =='],
    ['metrics.a IS NULL', 11, 'expected =, !=, <, <=, > or >='],
    [
      'METRICS.a < 1',
      1,
      'expected metrics, params, tags, attributes or datasets, found METRICS; did you mean metrics?',
    ],
    ["model.x = '1'", 1, 'expected metrics, params, tags, attributes or datasets, found model'],
    ['params.lr = 0.01', 13, `expected a text in quotes ' or ", found 0.01`],
    ['params.lr = `0.01`', 13, `expected a text in quotes ' or ", found \`0.01\``],
    ["params.a IN ('x')", 10, 'expected =, !=, LIKE, ILIKE or IS NULL'],
    ["params.lr > '0.001'", 11, 'expected =, !=, LIKE, ILIKE or IS NULL, found >'],
    ["params.lr <> '1'", 11, 'expected =, !=, LIKE, ILIKE or IS NULL, found <>'],
    ["params.lr : '1'", 11, 'expected =, !=, LIKE, ILIKE or IS NULL, found :'],
    ['params.lr', 10, 'expected =, !=, LIKE, ILIKE or IS NULL'],
    [
      "tags.my tag = 'spaced'",
      9,
      'expected =, !=, LIKE, ILIKE or IS NULL (names of other characters stand in backticks)',
    ],
    ["tags.a-b/c = '50%'", 9, 'expected =, !=, LIKE, ILIKE or IS NULL (names of other characters stand in backticks)'],
    ['tags.x IS 1', 11, 'expected NULL or NOT NULL, found "1"'],
    ["status IN ('FINISHED')", 8, 'expected =, !=, LIKE or ILIKE'],
    ['run_id IN ()', 12, `expected a text in quotes ' or ", found ")"`],
    ["run_id IN ('a'", 15, 'expected , or ), found the end'],
    ["run_id NOT LIKE 'a'", 12, 'expected IN, found "LIKE"'],
    ["start_time > '17'", 14, "expected a number without quotes, found '17'"],
    ["experiment_id = '1'", 1, 'there is no attribute experiment_id; expected one of run_id, run_name, status'],
    ["statsu = 'x'", 1, 'there is no attribute statsu; expected one of'],
    ["constructor = 'x'", 1, 'there is no attribute constructor; expected one of'],
    ["toString.x = 'x'", 1, 'expected metrics, params, tags, attributes or datasets, found toString'],
    ["dataset.profile = 'x'", 1, 'there is no dataset profile; expected one of name, digest, context'],
    ["'0.01' = params.lr", 1, 'there is no attribute 0.01'],
    ['metrics.a > 1 OR metrics.b > 2', 15, 'filters of MLflow have no OR, NOT or parentheses around comparisons'],
    ['not metrics.a > 1', 1, 'filters of MLflow have no OR, NOT or parentheses around comparisons'],
    ['(metrics.a > 1)', 1, 'filters of MLflow have no OR, NOT or parentheses around comparisons'],
    ["tags.a = 'x';", 13, 'expected a key, like metrics.loss, found ";"'],
    ["tags.a = 'x', tags.b = 'y'", 13, 'expected a key, like metrics.loss, found ","'],
    ["tags.a = 'x", 10, "the quote ' is not closed"],
    ["tags.a = 'x\0'", 12, 'the character U+0000 is not allowed'],
    [Array(101).fill('metrics.a=1').join(' '), 1201, 'more than 100 comparisons'],
    [`tags.a = '${'a'.repeat(40_000)}'`, 40_001, 'it is longer than 40000 characters'],
  ])('refuses %s', (text, character, reason) => {
    const read = () => parse(text);
    expect(read).toThrow(FilterError);
    expect(read).toThrow(`the filter is wrong at character ${character}: ${reason}`);
  });
});

it('fails on random text with a FilterError alone', () => {
  const pieces = [
    ...'.\'"`(),=!<>;\\%💥',
    'metrics',
    'params.a',
    'run_id',
    'IN',
    'NOT',
    'LIKE',
    'IS',
    'NULL',
    "'x'",
    '7',
    'AND',
  ];
  let seed = 12;
  const draw = (count: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * count);
  };
  let read = 0;
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from({ length: draw(8) }, () => pieces[draw(pieces.length)]).join(draw(2) ? ' ' : '');
    try {
      parse(text);
      read += 1;
    } catch (error) {
      expect(error, text).toBeInstanceOf(FilterError);
      expect((error as FilterError).position).toBeLessThanOrEqual(text.length);
    }
  }
  expect(read).toBeGreaterThan(0);
});
