import { nearestName } from '@trainyard/contracts';
import { checkText } from './checkText.js';
import { FilterError } from './filterError.js';
import { type MlflowGrammar, type MlflowKind, mlflowRuns } from './mlflowGrammar.js';
import { negated } from './parseFilter.js';
import { Scanner, type Word } from './scanner.js';
import type { Comparison, Field, Filter, Value } from './tree.js';
import { readValue } from './values.js';

/**
 * Where a key of MLflow is found here; null: nothing has it. The field is a number for metrics, and for the attributes
 * that are times (milliseconds since 1970), else a text.
 */
export type MlflowPaths = (kind: MlflowKind, key: string) => string[] | null;

/** A list of 1,000 run ids fits. */
const longestText = 40_000;
const mostComparisons = 100;

const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const satisfies Comparison[];

interface Key {
  kind: MlflowKind;
  key: string;
  type: 'number' | 'text';
  /** Null: nothing has it. */
  field: Field | null;
  /** Whether it can be compared with a list. */
  hasLists: boolean;
}

/** A key by which a list is sorted. */
export interface MlflowOrder {
  /** Null: nothing has it. */
  field: Field | null;
  descending: boolean;
}

/**
 * Reads a filter of MLflow's runs, like `metrics.loss < 0.5 AND params.lr = '0.1'`, or with the grammar for them one of
 * its experiments, as a tree of `parseFilter`.
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
export function parseMlflowFilter(
  text: string,
  pathOf: MlflowPaths,
  grammar: MlflowGrammar = mlflowRuns,
): Filter | null {
  checkText(text, longestText);
  if (text === '') return null;
  return new Parser(new Scanner(text, ''), pathOf, grammar).parse();
}

/**
 * Reads one of the keys by which a list of MLflow is sorted, like `metrics.loss DESC`.
 * @throws FilterError
 */
export function parseMlflowOrder(text: string, pathOf: MlflowPaths, grammar: MlflowGrammar = mlflowRuns): MlflowOrder {
  checkText(text, longestText);
  return new Parser(new Scanner(text, ''), pathOf, grammar).parseOrder();
}

class Parser {
  constructor(
    private readonly scanner: Scanner,
    private readonly pathOf: MlflowPaths,
    private readonly grammar: MlflowGrammar,
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

  parseOrder(): MlflowOrder {
    const from = this.scanner.position;
    const { kind, field } = this.#key();
    if (kind === 'dataset') throw new FilterError('nothing is sorted by a dataset', from, this.scanner.position - from);
    const descending = this.scanner.takeKeyword('DESC');
    if (!descending) this.scanner.takeKeyword('ASC');
    return this.scanner.atEnd ? { field, descending } : this.scanner.expected('ASC, DESC or the end');
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
      if (key.hasLists && this.scanner.takeKeyword('IN')) return this.#in(key);
      if (key.hasLists && this.scanner.takeKeyword('NOT')) return this.#notIn(key);
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
    const { kinds } = this.grammar;
    const to = rest.at(-1)?.to ?? first.to;
    if (rest.length === 0) return this.#keyOf('attribute', first.text, { from, to });
    const kind = Object.hasOwn(kinds, first.text) ? kinds[first.text] : undefined;
    if (kind) return this.#keyOf(kind, rest.map(({ text }) => text).join('.'), { from, to });
    const reason = `expected ${this.grammar.kindNames}, found ${first.text}`;
    throw new FilterError(`${reason}${suggestion(first.text, Object.keys(kinds))}`, from, first.to - from);
  }

  #names(): [Word, ...Word[]] {
    const names: [Word, ...Word[]] = [this.scanner.name() ?? this.scanner.expected('a key, like metrics.loss')];
    while (this.scanner.take('.')) names.push(this.scanner.name() ?? this.scanner.expected('the next part of the key'));
    return names;
  }

  #keyOf(kind: MlflowKind, name: string, { from, to }: { from: number; to: number }): Key {
    const { aliases, keys, numbers, lists } = this.grammar;
    const key = kind === 'attribute' && Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
    const known = keys[kind];
    if (known && !known.includes(key)) {
      const reason = `there is no ${kind} ${key}; expected one of ${known.join(', ')}${suggestion(key, known)}`;
      throw new FilterError(reason, from, to - from);
    }
    const type = kind === 'metric' || (kind === 'attribute' && numbers.includes(key)) ? 'number' : 'text';
    const path = this.pathOf(kind, key);
    const hasLists = kind === 'dataset' || (kind === 'attribute' && lists.includes(key));
    return { kind, key, type, field: path && { path, type }, hasLists };
  }
}

const hasNull = ({ kind }: Key): boolean => kind === 'param' || kind === 'tag';

function operatorsOf(key: Key): string {
  if (key.type === 'number') return '=, !=, <, <=, > or >=';
  if (hasNull(key)) return '=, !=, LIKE, ILIKE or IS NULL';
  return key.hasLists ? '=, !=, LIKE, ILIKE, IN or NOT IN' : '=, !=, LIKE or ILIKE';
}

const all: Filter = { type: 'and', operands: [] };
const none: Filter = { type: 'or', operands: [] };
const find = ({ field }: Key, comparison: (field: Field) => Filter): Filter => (field ? comparison(field) : none);

function suggestion(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  return meant ? `; did you mean ${meant}?` : '';
}
