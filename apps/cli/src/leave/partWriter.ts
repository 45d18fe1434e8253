import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobRecord } from '@trainyard/contracts';
import { writeWhole } from '../download/writeWhole.js';
import type { ListedFile, Part } from './manifest.js';
import { encodeTable, type Row, rowsOf } from './tables.js';

/** Jobs of a part, and bytes of their rows as JSON, at most: so much of an export is in memory, a few times over. */
const mostJobs = 100;
const mostBytes = 16 * 2 ** 20;

/** Collects the records of jobs until their tables are written. */
export class PartWriter {
  #records: JobRecord[] = [];
  #bytes = 0;
  #files: ListedFile[] = [];

  /** @param number of the next part: its tables are `tables/<table>/<number>.parquet` */
  constructor(
    private readonly folder: string,
    private number: number,
  ) {}

  /** @param files of the checkpoints of the job, which are written already */
  add(record: JobRecord, files: readonly ListedFile[]): void {
    this.#records.push(record);
    this.#bytes += JSON.stringify(record).length;
    this.#files.push(...files);
  }

  get isFull(): boolean {
    return this.#records.length >= mostJobs || this.#bytes >= mostBytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Writes the tables of the jobs, and begins the next part. */
  async write(): Promise<Part> {
    const files = [...(await writeTables(this.folder, rowsOf(this.#records), this.number)), ...this.#files];
    const part = { jobs: this.#records.map(({ job }) => job.id), files };
    this.#records = [];
    this.#files = [];
    this.#bytes = 0;
    this.number += 1;
    return part;
  }
}

/** Writes `tables/<table>/<number>.parquet` for each table. */
export async function writeTables(
  folder: string,
  tables: ReadonlyMap<string, readonly Row[]>,
  number: number,
): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for (const [table, rows] of tables) {
    const path = `tables/${table}/${String(number).padStart(6, '0')}.parquet`;
    const bytes = encodeTable(table, rows);
    files.push({ ...(await writeFileOf(folder, path, [bytes])), rows: rows.length });
  }
  return files;
}

/**
 * Writes a file below the folder; of this name, there is the whole file or none.
 * @param accepts is asked before the file gets its name
 */
export async function writeFileOf(
  folder: string,
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  accepts: (sha256: string) => void = () => {},
): Promise<ListedFile> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  let sha256 = '';
  await writeWhole(file, { force: true }, async (write) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await write(chunk);
    }
    sha256 = hash.digest('hex');
    accepts(sha256);
  });
  return { path, bytes, sha256, rows: null };
}
