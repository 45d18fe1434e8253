import type { Filter, Value } from '@trainyard/query';

/** A row as a filter sees it: undefined is what it does not have. */
export type Row = (path: string[]) => number | string | boolean | Date | string[] | undefined;

/** The meaning of a filter, without SQL. */
export function evaluate(filter: Filter, row: Row): boolean {
  switch (filter.type) {
    case 'and':
      return filter.operands.every((operand) => evaluate(operand, row));
    case 'or':
      return filter.operands.some((operand) => evaluate(operand, row));
    case 'not':
      return !evaluate(filter.operand, row);
    case 'missing':
      return row(filter.field.path) === undefined;
    case 'compare': {
      const found = row(filter.field.path) ?? [];
      if (Array.isArray(found)) return found.includes(String(filter.value.value));
      return compare(found, filter.operator, filter.value);
    }
    case 'in':
      return filter.values.some((value) => evaluate({ ...filter, type: 'compare', operator: '=', value }, row));
    case 'like':
      return textsOf(row(filter.field.path)).some((text) => like(filter.pattern, filter.ignoreCase).test(text));
    case 'contains': {
      const found = row(filter.field.path);
      if (Array.isArray(found)) return found.includes(filter.text);
      return textsOf(found).some((text) => text.toLowerCase().includes(filter.text.toLowerCase()));
    }
  }
}

function compare(found: number | string | boolean | Date, operator: string, { type, value }: Value): boolean {
  const own = found instanceof Date ? found.getTime() : found;
  if (typeof own !== (type === 'text' ? 'string' : type === 'boolean' ? 'boolean' : 'number')) return false;
  switch (operator) {
    case '=':
      return own === value;
    case '!=':
      return own !== value;
    case '<':
      return own < value;
    case '<=':
      return own <= value;
    case '>':
      return own > value;
    default:
      return own >= value;
  }
}

const textsOf = (found: ReturnType<Row>): string[] =>
  Array.isArray(found) ? found : typeof found === 'string' ? [found] : [];

function like(pattern: string, ignoreCase: boolean): RegExp {
  const pieces = pattern.match(/\\.|./gs) ?? [];
  const source = pieces.map((piece) =>
    piece === '%' ? '.*' : piece === '_' ? '.' : (piece.at(-1) ?? '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, ignoreCase ? 'isu' : 'su');
}
