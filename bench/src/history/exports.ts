import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { jsonOf } from '../shared/children.js';
import { fetchFrom, type Service } from '../shared/service.js';

/** What a file of the whole history must add up to. */
export interface Export {
  rows: number;
  /** The sums of two columns. */
  accuracy: number;
  recall: number;
}

const summedClass = 'class 3';

/** Straight from the tables. */
export async function whole(client: Client): Promise<Export> {
  const { rows } = await client.query(
    `SELECT count(*)::int AS rows, sum(test_results.accuracy) AS accuracy, sum(recall) AS recall
     FROM test_results JOIN class_results USING (job_id) WHERE name = $1`,
    [summedClass],
  );
  return rows[0];
}

/** Saves the whole history with the measures of every class. */
export async function exportTo(
  file: string,
  service: Service,
  format: string,
): Promise<{ seconds: number; bytes: number }> {
  const begin = performance.now();
  const answer = await fetchFrom(service, `/v1/results?format=${format}`, {
    headers: { 'accept-encoding': 'identity' },
  });
  if (!answer.ok || answer.body === null) throw new Error(`the export as ${format} answered ${answer.status}`);
  const written = createWriteStream(file);
  await pipeline(Readable.fromWeb(answer.body as never), written);
  return { seconds: (performance.now() - begin) / 1000, bytes: written.bytesWritten };
}

/** Prints `{"duckdb": {...}, "pyarrow": {...}}`: each with its version and what it reads. */
const reader = `import json, sys, duckdb, pyarrow, pyarrow.compute as compute, pyarrow.parquet as parquet
file = sys.argv[1]
rows, accuracy, recall = duckdb.read_parquet(file).aggregate(
  'count(*), sum("testAccuracy"), sum("recall.""${summedClass}""")').fetchall()[0]
table = parquet.read_table(file)
total = lambda name: compute.sum(table[name]).as_py()
print(json.dumps({
  "DuckDB": {"version": duckdb.__version__, "rows": rows, "accuracy": accuracy, "recall": recall},
  "pyarrow": {"version": pyarrow.__version__, "rows": table.num_rows, "accuracy": total("testAccuracy"),
    "recall": total('recall."${summedClass}"')}}))`;

/**
 * Reads the file with DuckDB and pyarrow, and says what came of it.
 * @throws Error where one of them reads something else than the database has
 */
export async function readBack(file: string, expected: Export): Promise<string> {
  const python = process.env.TRAINYARD_PYTHON;
  if (python === undefined) {
    return 'NOT READ BACK: TRAINYARD_PYTHON names no Python with DuckDB and pyarrow (pip install duckdb pyarrow)';
  }
  const read = await jsonOf<Record<string, Export & { version: string }>>(python, ['-c', reader, file]);
  for (const [name, found] of Object.entries(read)) {
    const same = found.rows === expected.rows && near(found.accuracy, expected.accuracy);
    if (same && near(found.recall, expected.recall)) continue;
    throw new Error(`${name} reads ${JSON.stringify(found)}, the database has ${JSON.stringify(expected)}`);
  }
  const names = Object.entries(read).map(([name, { version }]) => `${name} ${version}`);
  return `${names.join(' and ')} read the Parquet file: ${expected.rows} rows, with the sums of the database`;
}

/** The order of a sum changes its last digits. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);
