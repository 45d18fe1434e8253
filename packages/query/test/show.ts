import type { Filter } from '../src/index.js';

/** A filter as text with all parentheses. */
export function show(filter: Filter | null): string {
  if (filter === null) return '';
  const name = 'field' in filter ? filter.field.path.join('.') : '';
  const value = (each: { value: unknown }) => JSON.stringify(each.value);
  switch (filter.type) {
    case 'and':
    case 'or':
      return `(${filter.operands.map(show).join(` ${filter.type} `)})`;
    case 'not':
      return `!${show(filter.operand)}`;
    case 'compare':
      return `${name}${filter.operator}${value(filter.value)}`;
    case 'in':
      return `${name} in ${filter.values.map(value)}`;
    case 'like':
      return `${name} ${filter.ignoreCase ? 'i' : ''}like ${JSON.stringify(filter.pattern)}`;
    case 'contains':
      return `${name}:${JSON.stringify(filter.text)}`;
    case 'missing':
      return `${name} missing`;
  }
}
