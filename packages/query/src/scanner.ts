import { FilterError } from './filterError.js';

/** A piece of the text, from `from` to before `to`. */
export interface Span {
  from: number;
  to: number;
}
export interface Word extends Span {
  text: string;
  /** Whether it was in quotes, so that it is no keyword and no number. */
  quoted: boolean;
}

const blank = /\s*/y;
const operator = /!=|<=|>=|<>|==|[=<>:]/y;
/** Names may begin with a digit: classes are called 0 to 9 in many datasets. */
const namePart = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/uy;
const bareValue = /[^\s(),<>=!:"'`]+(?::[^\s(),<>=!"'`]+)*/uy;
const quotes = ['"', "'", '`'];

/** Reads the pieces of a filter from left to right. */
export class Scanner {
  #at = 0;

  constructor(
    readonly text: string,
    /** What escapes a quote within quotes. */
    private readonly escapes = '\\',
  ) {}

  /** The start of the next piece. */
  get position(): number {
    this.#match(blank);
    return this.#at;
  }

  get atEnd(): boolean {
    return this.position === this.text.length;
  }

  /** Takes a character if it is the next. */
  take(character: string): boolean {
    if (this.text[this.position] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Takes a word without quotes if it is the next, in capitals or not. */
  takeKeyword(keyword: string): boolean {
    const start = this.position;
    if (this.#match(namePart)?.toUpperCase() === keyword) return true;
    this.#at = start;
    return false;
  }

  /** The next keyword or name, without taking it. */
  peek(): string {
    const start = this.position;
    const word = this.#match(namePart) ?? '';
    this.#at = start;
    return word.toUpperCase();
  }

  /** Takes a comparison operator; null if another piece is next. */
  operator(): string | null {
    this.#match(blank);
    return this.#match(operator);
  }

  /** Takes a name; null if another piece is next. */
  name(): Word | null {
    return this.#word(namePart);
  }

  /** Takes a value; null if another piece is next. */
  value(): Word | null {
    return this.#word(bareValue);
  }

  #word(pattern: RegExp): Word | null {
    const from = this.position;
    const quote = quotes.find((each) => each === this.text[from]);
    if (quote) return this.#quoted(quote);
    const text = this.#match(pattern);
    return text === null ? null : { text, from, to: this.#at, quoted: false };
  }

  #quoted(quote: string): Word {
    const from = this.#at;
    let text = '';
    for (let at = from + 1; at < this.text.length; at += 1) {
      const character = this.text[at];
      if (character === quote) {
        this.#at = at + 1;
        return { text, from, to: this.#at, quoted: true };
      }
      if (character === this.escapes && at + 1 < this.text.length) at += 1;
      text += this.text[at];
    }
    throw new FilterError(`the quote ${quote} is not closed`, from, this.text.length - from);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  /** @throws FilterError that says what is expected instead of the next piece. */
  expected(what: string): never {
    const at = this.position;
    const next = /^(?:[\p{L}\p{N}_.-]+|.)/u.exec(this.text.slice(at, at + 40))?.[0] ?? '';
    const found = next === '' ? 'the end' : JSON.stringify(next);
    throw new FilterError(`expected ${what}, found ${found}`, at, next.length);
  }
}
