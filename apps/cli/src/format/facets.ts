import type { Facets } from '@trainyard/contracts';
import { type Column, formatTable } from './table.js';

/** A value a line with its number of runs; then how many runs and values there are. */
export function formatFacets({ field, total, missing, distinct, values }: Facets, width = 80): string[] {
  const columns: Column<Facets['values'][number]>[] = [
    { title: field, cell: ({ value }) => String(value), elastic: 'end' },
    { title: 'runs', cell: ({ count }) => String(count), align: 'right' },
  ];
  const runs = `${total} ${total === 1 ? 'run' : 'runs'}`;
  const lacking = missing > 0 ? `, ${missing} without a value` : '';
  const more = distinct > values.length ? `, ${distinct} values: --limit shows more` : '';
  return [...(values.length > 0 ? [...formatTable(columns, values, width), ''] : []), `${runs}${lacking}${more}`];
}
