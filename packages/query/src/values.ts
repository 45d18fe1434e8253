import type { Word } from './scanner.js';
import type { Comparison, FieldType, Value } from './tree.js';

const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** RFC 3339; a date alone is its beginning in UTC. */
const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;

/** What an error says is expected. */
export const expectedValue: Record<FieldType, string> = {
  number: 'a number, like 0.7 or 70%',
  duration: 'a duration, like 90, 90s, 5m, 2h or 1d',
  text: 'a text, like "lenet"',
  boolean: 'true or false',
  date: 'a date, like 2026-05-31, 2026-05-31T12:00:00Z or "7d ago"',
  list: 'a text, like "night"',
  any: 'a number, a text, true or false',
};

/** Whether <, <=, >, >= and BETWEEN can compare a field. */
export const isOrdered = (type: FieldType): boolean => !['text', 'boolean', 'list'].includes(type);

export const needsOrder = (operator: Comparison): boolean => operator !== '=' && operator !== '!=';

/**
 * @param now milliseconds since 1970, for `"7d ago"`.
 * @returns null if the word is no value of the type.
 */
export function readValue(word: Word, type: FieldType, now: number): Value | null {
  switch (type) {
    case 'number':
      return word.quoted ? null : numberOf(word.text);
    case 'duration':
      return numberOf(word.text) ?? durationOf(word.text);
    case 'boolean':
      return word.quoted ? null : booleanOf(word.text);
    case 'date':
      return dateOf(word.text, now);
    case 'text':
    case 'list':
      return { type: 'text', value: word.text };
    case 'any':
      return (word.quoted ? null : (numberOf(word.text) ?? booleanOf(word.text))) ?? { type: 'text', value: word.text };
  }
}

function numberOf(text: string): Value | null {
  const isPercentage = text.endsWith('%');
  const digits = isPercentage ? text.slice(0, -1) : text;
  if (!numeral.test(digits)) return null;
  // The exponent of the text is changed: a division by 100 could give another number than 0.07 written as such.
  const value = Number(isPercentage ? shifted(digits) : digits);
  return Number.isFinite(value) ? { type: 'number', value } : null;
}

function shifted(digits: string): string {
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e');
  return `${mantissa}e${Number(exponent) - 2}`;
}

function booleanOf(text: string): Value | null {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? { type: 'boolean', value: lower === 'true' } : null;
}

function durationOf(text: string): Value | null {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/i.exec(text) ?? [];
  if (amount === undefined) return null;
  return { type: 'number', value: Number(amount) * (secondsOf[unit.toLowerCase()] ?? 0) };
}

/** The first and the last time that both JavaScript and Postgres have. */
const [earliest, latest] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

function dateOf(text: string, now: number): Value | null {
  const [, amount] = /^(.+?)\s+ago$/i.exec(text.trim()) ?? [];
  const time = amount === undefined ? parseDate(text) : now - 1000 * secondsIn(amount);
  return time >= earliest && time <= latest ? { type: 'date', value: time } : null;
}

function secondsIn(text: string): number {
  const duration = durationOf(text.replace(/\s+/g, ''));
  return duration?.type === 'number' ? duration.value : Number.NaN;
}

/** NaN for a day that its month does not have, which Date.parse takes as one of the next month. */
function parseDate(text: string): number {
  if (!instant.test(text)) return Number.NaN;
  const day = text.slice(0, 10);
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(start) && new Date(start).toISOString().startsWith(day)
    ? Date.parse(text.toUpperCase())
    : Number.NaN;
}
