import type { z } from 'zod';

export type Issue = z.core.$ZodIssue;

/**
 * One issue as a sentence without its subject, e.g. `must be at least 1 (is 0)`. `value` is the value that was sent.
 */
export function describeIssue(issue: Issue, value: unknown): string {
  const is = shown(value);
  const must = value === undefined ? 'is required:' : 'must be';
  switch (issue.code) {
    case 'invalid_type':
      return `${must} ${typeName(issue.expected)}${is}`;
    case 'invalid_value':
      return `${must} ${oneOf(issue.values)}${is}`;
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum), issue.inclusive ?? true, is);
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum), issue.inclusive ?? true, is);
    case 'invalid_union':
      return `${must} ${describeBranches(issue)}${is}`;
    default:
      return `${issue.message}${is}`;
  }
}

function describeBranches(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && Array.isArray(issue.options)) return oneOf(issue.options);
  const types = issue.errors.map(([first]) => {
    if (first?.code === 'invalid_type') return typeName(first.expected);
    return first?.code === 'invalid_value' ? oneOf(first.values) : 'another value';
  });
  return [...new Set(types)].join(', or ');
}

/** Values longer than this are not repeated in the message. */
const longestShown = 60;

/** e.g. ` (is -0.5)`; empty where the value is too long to repeat, or absent. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return ' (is a list)';
  if (typeof value === 'object' && value !== null) return ' (is an object)';
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= longestShown ? ` (is ${text})` : '';
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
};
const typeName = (expected: string): string => typeNames[expected] ?? expected;

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? JSON.stringify(values[0]) : `one of ${values.map((v) => JSON.stringify(v)).join(', ')}`;

const units: Record<string, string> = { string: 'character', array: 'item' };
const counted = (count: number, origin: string): string => `${count} ${units[origin]}${count === 1 ? '' : 's'}`;

function tooSmall(origin: string, minimum: number, inclusive: boolean, is: string): string {
  if (origin in units) return `must have at least ${counted(minimum, origin)}`;
  return `must be ${inclusive ? 'at least' : 'greater than'} ${minimum}${is}`;
}

function tooBig(origin: string, maximum: number, inclusive: boolean, is: string): string {
  if (origin in units) return `must have at most ${counted(maximum, origin)}`;
  return `must be ${inclusive ? 'at most' : 'less than'} ${maximum}${is}`;
}
