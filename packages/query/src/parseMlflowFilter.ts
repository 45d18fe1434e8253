import { nearestName } from '@trainyard/contracts';
import { checkText } from './checkText.js';
import { FilterError } from './filterError.js';
import { negated } from './parseFilter.js';
import { Scanner, type Word } from './scanner.js';
import type { Comparison, Field, Filter, Value } from './tree.js';
import { readValue } from './values.js';

export type MlflowKind = 'metric' | 'param' | 'tag' | 'attribute' | 'dataset';

/**
 * Where a key of MLflow is found here; null: no run has it. The field is a number for metrics, and for the attributes
 * `start_time` and `end_time` (milliseconds since 1970), else a text.
 */
export type MlflowPaths = (kind: MlflowKind, key: string) => string[] | null;

/** A list of 1,000 run ids fits. */
const longestText = 40_000;
const mostComparisons = 100;

const kinds: Record<string, MlflowKind> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};
const aliases: Record<string, string> = {
  created: 'start_time',
  Created: 'start_time',
  'run name': 'run_name',
  'Run name': 'run_name',
  'Run Name': 'run_name',
};
const times = ['start_time', 'end_time'];
/** Of the kinds whose keys are fixed. */
const knownKeys: Partial<Record<MlflowKind, string[]>> = {
  attribute: ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri', ...times],
  dataset: ['name', 'digest', 'context'],
};
const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const satisfies Comparison[];

interface Key {
  kind: MlflowKind;
  key: string;
  type: 'number' | 'text';
  /** Null: no run has it. */
  field: Field | null;
}

/**
 * Reads a filter of MLflow's runs, like `metrics.loss < 0.5 AND params.lr = '0.1'`
 * (https://mlflow.org/docs/latest/ml/search/search-runs/), as a tree of `parseFilter`.
 *
 *     filter     = comparison { [ "AND" ] comparison } [ "AND" ]
 *     comparison = key ( operator value | "LIKE" text | "ILIKE" text | [ "NOT" ] "IN" "(" text { "," text } ")"
 *                      | "IS" [ "NOT" ] "NULL" )
 *     key        = [ kind "." ] name { "." name }
 *
 * Numbers stand without quotes, texts in `'` or `"`, in which nothing escapes a quote. Lists are for `run_id` and
 * datasets, IS NULL for params and tags. A run without the key is found by IS NULL alone.
 *
 * @returns null for an empty text.
 * @throws FilterError with the position and what was expected.
 */
export function parseMlflowFilter(text: string, pathOf: MlflowPaths): Filter | null {
  checkText(text, longestText);
  if (text === '') return null;
  return new Parser(new Scanner(text, ''), pathOf).parse();
}

class Parser {
  constructor(
    private readonly scanner: Scanner,
    private readonly pathOf: MlflowPaths,
  ) {}

  parse(): Filter {
    const operands: Filter[] = [];
    do {
      if (operands.length === mostComparisons) {
        throw new FilterError(`more than ${mostComparisons} comparisons`, this.scanner.position, 1);
      }
      operands.push(this.#comparison());
      // MLflow takes filters in which AND is left out, or stands at the end.
      this.scanner.takeKeyword('AND');
    } while (!this.scanner.atEnd);
    return operands.length === 1 && operands[0] ? operands[0] : { type: 'and', operands };
  }

  #comparison(): Filter {
    const key = this.#key();
    const from = this.scanner.position;
    const sign = this.scanner.operator();
    if (sign !== null) return this.#compare(key, { sign, from });
    if (key.type === 'text') {
      for (const keyword of ['LIKE', 'ILIKE']) {
        if (this.scanner.takeKeyword(keyword)) return this.#like(key, keyword === 'ILIKE');
      }
      if (hasNull(key) && this.scanner.takeKeyword('IS')) return this.#missing(key);
      if (hasLists(key) && this.scanner.takeKeyword('IN')) return this.#in(key);
      if (hasLists(key) && this.scanner.takeKeyword('NOT')) return this.#notIn(key);
    }
    return this.scanner.expected(`${operatorsOf(key)} (names of other characters stand in backticks)`);
  }

  #compare(key: Key, { sign, from }: { sign: string; from: number }): Filter {
    const operator = comparisons.find((each) => each === sign);
    if (!operator || (key.type === 'text' && operator !== '=' && operator !== '!=')) {
      throw new FilterError(`expected ${operatorsOf(key)}, found ${sign}`, from, sign.length);
    }
    const value = key.type === 'number' ? this.#number() : this.#text();
    return find(key, (field) => ({ type: 'compare', field, operator, value }));
  }

  #like(key: Key, ignoreCase: boolean): Filter {
    // Nothing escapes a character in MLflow's patterns.
    const pattern = this.#text().value.replaceAll('\\', '\\\\');
    return find(key, (field) => ({ type: 'like', field, pattern, ignoreCase }));
  }

  #in(key: Key): Filter {
    const values = this.#list();
    return find(key, (field) => ({ type: 'in', field, values }));
  }

  #notIn(key: Key): Filter {
    if (!this.scanner.takeKeyword('IN')) this.scanner.expected('IN');
    const values = this.#list();
    return find(key, (field) => negated(field, { type: 'in', field, values }));
  }

  #missing({ field }: Key): Filter {
    const isNegated = this.scanner.takeKeyword('NOT');
    if (!this.scanner.takeKeyword('NULL')) this.scanner.expected(isNegated ? 'NULL' : 'NULL or NOT NULL');
    const missing: Filter = field ? { type: 'missing', field } : all;
    return isNegated ? { type: 'not', operand: missing } : missing;
  }

  #list(): Value[] {
    if (!this.scanner.take('(')) this.scanner.expected('( and a list of texts in quotes');
    const values = [this.#text()];
    while (this.scanner.take(',')) values.push(this.#text());
    if (!this.scanner.take(')')) this.scanner.expected(', or )');
    return values;
  }

  #number(): Value {
    const expected = 'a number without quotes';
    const word = this.scanner.value() ?? this.scanner.expected(expected);
    return readValue(word, 'number', 0) ?? this.#wrong(expected, word);
  }

  #text(): { type: 'text'; value: string } {
    const expected = `a text in quotes ' or "`;
    const word = this.scanner.value() ?? this.scanner.expected(expected);
    if (!word.quoted || this.scanner.text[word.from] === '`') this.#wrong(expected, word);
    return { type: 'text', value: word.text };
  }

  #wrong(expected: string, { from, to }: Word): never {
    throw new FilterError(`expected ${expected}, found ${this.scanner.text.slice(from, to)}`, from, to - from);
  }

  #key(): Key {
    const from = this.scanner.position;
    if (this.scanner.peek() === 'OR' || this.scanner.peek() === 'NOT' || this.scanner.take('(')) {
      throw new FilterError('filters of MLflow have no OR, NOT or parentheses around comparisons', from, 1);
    }
    const [first, ...rest] = this.#names();
    const to = rest.at(-1)?.to ?? first.to;
    if (rest.length === 0) return this.#keyOf('attribute', first.text, { from, to });
    const kind = Object.hasOwn(kinds, first.text) ? kinds[first.text] : undefined;
    if (kind) return this.#keyOf(kind, rest.map(({ text }) => text).join('.'), { from, to });
    const reason = `expected metrics, params, tags, attributes or datasets, found ${first.text}`;
    throw new FilterError(`${reason}${suggestion(first.text, Object.keys(kinds))}`, from, first.to - from);
  }

  #names(): [Word, ...Word[]] {
    const names: [Word, ...Word[]] = [this.scanner.name() ?? this.scanner.expected('a key, like metrics.loss')];
    while (this.scanner.take('.')) names.push(this.scanner.name() ?? this.scanner.expected('the next part of the key'));
    return names;
  }

  #keyOf(kind: MlflowKind, name: string, { from, to }: { from: number; to: number }): Key {
    const key = kind === 'attribute' && Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
    const known = knownKeys[kind];
    if (known && !known.includes(key)) {
      const reason = `there is no ${kind} ${key}; expected one of ${known.join(', ')}${suggestion(key, known)}`;
      throw new FilterError(reason, from, to - from);
    }
    const type = kind === 'metric' || (kind === 'attribute' && times.includes(key)) ? 'number' : 'text';
    const path = this.pathOf(kind, key);
    return { kind, key, type, field: path && { path, type } };
  }
}

const hasNull = ({ kind }: Key): boolean => kind === 'param' || kind === 'tag';
const hasLists = ({ kind, key }: Key): boolean => kind === 'dataset' || (kind === 'attribute' && key === 'run_id');

function operatorsOf(key: Key): string {
  if (key.type === 'number') return '=, !=, <, <=, > or >=';
  if (hasNull(key)) return '=, !=, LIKE, ILIKE or IS NULL';
  return hasLists(key) ? '=, !=, LIKE, ILIKE, IN or NOT IN' : '=, !=, LIKE or ILIKE';
}

const all: Filter = { type: 'and', operands: [] };
const none: Filter = { type: 'or', operands: [] };
const find = ({ field }: Key, comparison: (field: Field) => Filter): Filter => (field ? comparison(field) : none);

function suggestion(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  return meant ? `; did you mean ${meant}?` : '';
}
