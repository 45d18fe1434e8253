import type { OpenedFile } from '../../archives/archive.js';

/** What the cells of a column are, as far as it matters for images and labels. */
export type ColumnKind =
  /** A struct with the content of an image file in `bytes`, as the library `datasets` stores images. */
  | 'image'
  | 'binary'
  | 'text'
  | 'integer'
  | 'boolean'
  /** Lists in lists. */
  | 'list'
  | 'other';

export interface Column {
  name: string;
  kind: ColumnKind;
}

/** What the library `datasets` says of a column: `{"_type": "ClassLabel", "names": [...]}`. */
export type Features = Record<string, { _type?: unknown; names?: unknown }>;

/** Rows that are stored together, from row `start` of the table on. */
export interface Rows {
  start: number;
  /** The cells of the one column that was asked for. */
  cells: ArrayLike<unknown>;
}

/** @returns a promise where the answer comes from another thread */
export type Wanted = (start: number, end: number) => boolean | Promise<boolean>;

/** A file with rows and columns. */
export interface Table {
  columns: Column[];
  /** Empty where another program wrote the file. */
  features: Features;
  /**
   * Reads one column, some rows at a time, in their order.
   * @param wanted whether any row of the given range is wanted; other rows need not be yielded
   */
  read(column: string, wanted?: Wanted): AsyncGenerator<Rows>;
  close(): Promise<void>;
}

/** A format of tables. */
export interface TableFormat {
  /** For messages: `Parquet file`. */
  title: string;
  /**
   * @param name of the file for messages
   * @throws InvalidInputError, as `read` does, when the file is damaged or too large
   */
  open(file: OpenedFile, name: string): Promise<Table>;
}

/** The features that the library `datasets` stores in a file's metadata as JSON. */
export function featuresOf(json: string | undefined): Features {
  if (json === undefined) return {};
  try {
    const { info } = JSON.parse(json) as { info?: { features?: unknown } };
    const features = info?.features;
    return typeof features === 'object' && features !== null ? (features as Features) : {};
  } catch {
    return {};
  }
}
