import type { Table } from '@trainyard/db';

export const ndjsonMediaType = 'application/x-ndjson';

/** A table as a JSON object a line, with a key for every column. */
export async function* ndjsonOf({ columns, batches }: Table): AsyncGenerator<string> {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  for await (const rows of batches) {
    yield rows.map((row) => `{${row.map((cell, i) => keys[i] + JSON.stringify(cell ?? null)).join()}}\n`).join('');
  }
}
