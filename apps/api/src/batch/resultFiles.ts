import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TrainyardError } from '@trainyard/contracts';
import type { TableColumn } from '@trainyard/db';
import { syncFolder } from '@trainyard/process';
import { CsvEncoder } from '#http/csv.js';
import { ParquetEncoder } from '#http/parquet.js';

/** What was made of one image. */
export interface BatchRow {
  name: string;
  actual: string | null;
  /** In the order of the network's classes; or why the image could not be read. */
  outcome: { probabilities: Float32Array } | { error: string };
}

/** The tables of a batch, written as rows come: `results.csv` and `results.parquet`. */
export class ResultFiles {
  private readonly files: { encoder: CsvEncoder | ParquetEncoder; file: HashedFile }[] = [];

  private constructor(
    private readonly folder: string,
    private readonly classes: readonly string[],
    private readonly bytesLeft: number,
  ) {}

  /** @param folder does not exist yet; @param bytesLeft of both files together */
  static async create(folder: string, classes: readonly string[], bytesLeft: number): Promise<ResultFiles> {
    await mkdir(folder, { recursive: true });
    const results = new ResultFiles(folder, classes, bytesLeft);
    const columns = columnsOf(classes);
    for (const [name, encoder] of [
      ['results.csv', new CsvEncoder(columns)],
      ['results.parquet', new ParquetEncoder(columns)],
    ] as const)
      results.files.push({ encoder, file: await HashedFile.create(join(folder, name)) });
    return results;
  }

  /** @throws TrainyardError `quota_exceeded` */
  async add(rows: readonly BatchRow[]): Promise<void> {
    const values = rows.map((row) => this.valuesOf(row));
    for (const { encoder, file } of this.files) await file.write(encoder.add(values));
    this.checkBytes();
  }

  /** Ends both files; afterwards they survive a power cut. */
  async finish(): Promise<Record<'csv' | 'parquet', { bytes: number; sha256: string }>> {
    for (const { encoder, file } of this.files) await file.write(encoder.end());
    this.checkBytes();
    const [csv, parquet] = await Promise.all(this.files.map(({ file }) => file.close()));
    if (!csv || !parquet) throw new Error('there are two files');
    await syncFolder(this.folder);
    await syncFolder(dirname(this.folder));
    return { csv, parquet };
  }

  private checkBytes(): void {
    const bytes = this.files.reduce((sum, { file }) => sum + file.bytes, 0);
    if (bytes <= this.bytesLeft) return;
    const detail = `the results have more than the ${this.bytesLeft} bytes that this project may still store`;
    throw new TrainyardError('quota_exceeded', `${detail}; delete old predictions or datasets`);
  }

  private valuesOf({ name, actual, outcome }: BatchRow): unknown[] {
    if ('error' in outcome) return [name, null, null, actual, outcome.error, ...this.classes.map(() => null)];
    const { probabilities } = outcome;
    let best = 0;
    for (let i = 1; i < probabilities.length; i++) if (at(probabilities, i) > at(probabilities, best)) best = i;
    const rounded = Array.from(probabilities, round);
    return [name, this.classes[best] ?? null, rounded[best] ?? null, actual, null, ...rounded];
  }
}

const at = (values: Float32Array, i: number): number => values[i] as number;

/** Eight digits: more are not in 32 bits, and would make the table twice as large. */
const round = (value: number): number => Number(value.toPrecision(8));

/** `probability.<class>` of every class, as a filter of the history names `recall.<class>`. */
const columnsOf = (classes: readonly string[]): TableColumn[] => [
  { name: 'image', type: 'text' },
  { name: 'class', type: 'text' },
  { name: 'probability', type: 'number' },
  { name: 'actual', type: 'text' },
  { name: 'error', type: 'text' },
  ...classes.map((name): TableColumn => ({ name: `probability.${name}`, type: 'number' })),
];

class HashedFile {
  bytes = 0;
  private readonly hash = createHash('sha256');

  private constructor(private readonly handle: FileHandle) {}

  static async create(file: string): Promise<HashedFile> {
    return new HashedFile(await open(file, 'wx'));
  }

  async write(content: Uint8Array | string | null): Promise<void> {
    if (content === null || content.length === 0) return;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.hash.update(bytes);
    this.bytes += bytes.length;
    await this.handle.writeFile(bytes);
  }

  async close(): Promise<{ bytes: number; sha256: string }> {
    await this.handle.sync();
    await this.handle.close();
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
