import { InvalidInputError } from '@trainyard/contracts';
import type { Column, Features, Rows } from './table.js';

/** The formats that a child process reads. */
export type FormatName = 'parquet' | 'arrow';

/** Begins a file; `close` ends it. */
export interface TableFile {
  format: FormatName;
  /** For messages. */
  name: string;
  /** Absolute path; null where `content` has the bytes. */
  file: string | null;
  content: Uint8Array | null;
}

export type Request = TableFile | { read: string } | { wanted: boolean } | 'next' | 'stop' | 'close';

export type Answer =
  | { opened: { columns: Column[]; features: Features } }
  | { rows: Rows }
  | { range: { start: number; end: number } }
  | 'end'
  | { failed: { message: string; isInput: boolean } };

/** An error as a message between processes, which keep no classes. */
export function failedAnswer(error: unknown): Answer {
  const isInput = error instanceof InvalidInputError;
  return { failed: { message: error instanceof Error ? error.message : String(error), isInput } };
}
