import { checkText } from './checkText.js';
import { FilterError } from './filterError.js';
import { Scanner, type Word } from './scanner.js';
import { suggestion } from './suggestion.js';
import type { Comparison, Field, Fields, Filter, SortKey, Value } from './tree.js';
import { expectedValue, isOrdered, needsOrder, readValue } from './values.js';

const longestText = 4000;
/** More than anyone writes by hand, and few enough that Postgres plans the statement at once. */
const mostComparisons = 100;
const deepest = 50;

const operators: Record<string, Comparison> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
/** A field of such a name is written in quotes. */
const keywords = new Set(['AND', 'OR', 'NOT', 'IN', 'BETWEEN', 'LIKE', 'ILIKE', 'IS', 'NULL']);
const expectedOperator = '=, !=, <, <=, >, >=, :, IN, BETWEEN, LIKE or IS NULL';

/**
 * Reads a filter like `test.accuracy >= 0.7 AND (recall.cat > 0.5 OR NOT architecture IN ("lenet", "cnn3"))`.
 *
 *     filter     = and { "OR" and }
 *     and        = not { "AND" not }
 *     not        = "NOT" not | "(" filter ")" | comparison
 *     comparison = field ( operator value | ":" value
 *                        | [ "NOT" ] ( "IN" "(" value { "," value } ")" | "BETWEEN" value "AND" value
 *                                    | "LIKE" value | "ILIKE" value )
 *                        | "IS" [ "NOT" ] "NULL" )
 *     field      = name { "." name }
 *
 * As in SQL, and unlike in AIP-160 (https://google.aip.dev/160), AND binds more tightly than OR. Keywords are taken in
 * any case. A comparison with a field that the row lacks is false, whichever its operator; `IS NULL` finds such rows.
 *
 * @param options.now milliseconds since 1970.
 * @returns null for a text of blanks.
 * @throws FilterError with the position, what was expected, and the nearest name of a field.
 */
export function parseFilter(text: string, fields: Fields, { now = Date.now() } = {}): Filter | null {
  checkText(text, longestText);
  const scanner = new Scanner(text);
  return scanner.atEnd ? null : new Parser(scanner, fields, now).parse();
}

/** Reads the parts of a filter from a scanner. */
export class Parser {
  #comparisons = 0;
  #depth = 0;

  constructor(
    private readonly scanner: Scanner,
    private readonly fields: Fields,
    private readonly now: number,
  ) {}

  parse(): Filter {
    const filter = this.#or();
    if (!this.scanner.atEnd) this.scanner.expected('AND, OR or the end');
    return filter;
  }

  parseField(): Field {
    const field = this.#field();
    if (!this.scanner.atEnd) this.scanner.expected('the end');
    return field;
  }

  parseFields(): Field[] {
    const fields = [this.#field()];
    while (this.scanner.take(',')) fields.push(this.#field());
    if (!this.scanner.atEnd) this.scanner.expected('a comma or the end');
    return fields;
  }

  parseSortKeys(most: number): SortKey[] {
    const keys: SortKey[] = [];
    do {
      const start = this.scanner.position;
      if (keys.length === most) throw new FilterError(`more than ${most} fields`, start, 1);
      keys.push(this.#sortKey());
    } while (this.scanner.take(','));
    if (!this.scanner.atEnd) this.scanner.expected('a comma or the end');
    return keys;
  }

  #sortKey(): SortKey {
    const descending = this.scanner.take('-');
    const from = this.scanner.position;
    const field = this.#field();
    if (field.type !== 'list') return { field, descending };
    const reason = `${field.path.join('.')} is a list, by which nothing can be sorted`;
    throw new FilterError(reason, from, this.scanner.position - from);
  }

  #or(): Filter {
    return this.#chain('or', 'OR', () => this.#chain('and', 'AND', () => this.#not()));
  }

  #chain(type: 'and' | 'or', keyword: string, next: () => Filter): Filter {
    const first = next();
    const operands = [first];
    while (this.scanner.takeKeyword(keyword)) operands.push(next());
    return operands.length === 1 ? first : { type, operands };
  }

  #not(): Filter {
    this.#depth += 1;
    const start = this.scanner.position;
    if (this.#depth > deepest)
      throw new FilterError(`more than ${deepest} parentheses and NOT within each other`, start, 1);
    const filter = this.#operand();
    this.#depth -= 1;
    return filter;
  }

  #operand(): Filter {
    if (this.scanner.takeKeyword('NOT')) return { type: 'not', operand: this.#not() };
    if (!this.scanner.take('(')) return this.#comparison();
    const filter = this.#or();
    if (!this.scanner.take(')')) this.scanner.expected('AND, OR or )');
    return filter;
  }

  #comparison(): Filter {
    const start = this.scanner.position;
    this.#comparisons += 1;
    if (this.#comparisons > mostComparisons) {
      throw new FilterError(`more than ${mostComparisons} comparisons`, start, 1);
    }
    const field = this.#field();
    const at = this.scanner.position;
    const operator = this.scanner.operator();
    if (operator === ':') return { type: 'contains', field, text: this.#text(field, { from: at, text: ':' }).text };
    if (operator !== null) return this.#compare(field, operators[operator] ?? '=', { from: at, text: operator });
    if (this.scanner.takeKeyword('IS')) return this.#missing(field);
    if (!this.scanner.takeKeyword('NOT')) return this.#keyword(field, expectedOperator);
    const operand = this.#keyword(field, 'IN, BETWEEN, LIKE or ILIKE');
    return negated(field, operand);
  }

  #keyword(field: Field, expected: string): Filter {
    const at = this.scanner.position;
    if (this.scanner.takeKeyword('IN')) return { type: 'in', field, values: this.#list(field) };
    if (this.scanner.takeKeyword('BETWEEN')) {
      this.#checkOrder(field, { from: at, text: 'BETWEEN' });
      const low = this.#value(field, true);
      if (!this.scanner.takeKeyword('AND')) this.scanner.expected('AND');
      const high = this.#value(field, true);
      return and(
        { type: 'compare', field, operator: '>=', value: low },
        { type: 'compare', field, operator: '<=', value: high },
      );
    }
    if (this.scanner.takeKeyword('LIKE')) return this.#like(field, { from: at, text: 'LIKE' });
    if (this.scanner.takeKeyword('ILIKE')) return this.#like(field, { from: at, text: 'ILIKE' });
    return this.scanner.expected(expected);
  }

  #like(field: Field, sign: { from: number; text: string }): Filter {
    const { text: pattern, from, to } = this.#text(field, sign);
    if (/^(?:[^\\]|\\.)*\\$/s.test(pattern)) {
      throw new FilterError('the pattern ends with a \\ that takes no character', from, to - from);
    }
    return { type: 'like', field, pattern, ignoreCase: sign.text === 'ILIKE' };
  }

  #compare(field: Field, operator: Comparison, sign: { from: number; text: string }): Filter {
    if (needsOrder(operator)) this.#checkOrder(field, sign);
    const value = this.#value(field, needsOrder(operator));
    if (operator === '!=' && field.type === 'list') {
      return negated(field, { type: 'compare', field, operator: '=', value });
    }
    return { type: 'compare', field, operator, value };
  }

  #checkOrder({ path, type }: Field, { from, text }: { from: number; text: string }): void {
    if (isOrdered(type)) return;
    throw new FilterError(`${path.join('.')} has no order, so that ${text} cannot compare it`, from, text.length);
  }

  /** The text that an operator of texts compares with. */
  #text({ path, type }: Field, { from, text }: { from: number; text: string }): Word {
    if (type !== 'text' && type !== 'list' && type !== 'any') {
      throw new FilterError(`${path.join('.')} is no text, so that ${text} cannot compare it`, from, text.length);
    }
    return this.#word('a text in quotes');
  }

  #missing(field: Field): Filter {
    const negated = this.scanner.takeKeyword('NOT');
    if (!this.scanner.takeKeyword('NULL')) this.scanner.expected(negated ? 'NULL' : 'NULL or NOT NULL');
    return negated ? has(field) : { type: 'missing', field };
  }

  #list(field: Field): Value[] {
    if (!this.scanner.take('(')) this.scanner.expected('( and a list of values');
    const values = [this.#value(field)];
    while (this.scanner.take(',')) values.push(this.#value(field));
    if (!this.scanner.take(')')) this.scanner.expected(', or )');
    return values;
  }

  #value(field: Field, isOrdered = false): Value {
    // A field that can have any type has an order only where it is a number.
    const type = field.type === 'any' && isOrdered ? 'number' : field.type;
    const word = this.#word(expectedValue[type]);
    if (!word.quoted && word.text.toUpperCase() === 'NULL') {
      throw new FilterError(`nothing equals NULL; write ${field.path.join('.')} IS NULL`, word.from, 4);
    }
    const value = readValue(word, type, this.now);
    if (value) return value;
    const found = this.scanner.text.slice(word.from, word.to);
    throw new FilterError(`expected ${expectedValue[type]}, found ${found}`, word.from, word.to - word.from);
  }

  #word(expected: string): Word {
    return this.scanner.value() ?? this.scanner.expected(expected);
  }

  #field(): Field {
    const from = this.scanner.position;
    if (keywords.has(this.scanner.peek())) this.scanner.expected('a field');
    const words = [this.#name('a field')];
    while (this.scanner.take('.')) words.push(this.#name('the next part of the field'));
    const path = words.map(({ text }) => text);
    const type = this.fields.typeOf(path);
    if (type !== null) return { path, type };
    const to = words.at(-1)?.to ?? from;
    throw new FilterError(`there is no field ${path.join('.')}${suggestion(path, this.fields.names)}`, from, to - from);
  }

  #name(expected: string): Word {
    return this.scanner.name() ?? this.scanner.expected(expected);
  }
}

const and = (...operands: Filter[]): Filter => ({ type: 'and', operands });
/** What a row lacks is unequal to nothing. But a row without tags has none of those that are excluded. */
export const negated = (field: Field, operand: Filter): Filter => {
  const negation: Filter = { type: 'not', operand };
  return field.type === 'list' ? negation : and(has(field), negation);
};
const has = (field: Field): Filter => ({ type: 'not', operand: { type: 'missing', field } });
