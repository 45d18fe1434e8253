import type { ImportProblem } from '@trainyard/contracts';
import type { z } from 'zod';
import type { Sql } from '../postgres/sql.js';

/** What all rows of such tables have. */
export interface BackgroundRow {
  id: string;
  project: string;
  createdAt: Date;
}

/**
 * A table of work that API processes do in processes of their own. Its columns `state`, `owner`, `heartbeat_at`,
 * `starts`, `cancel_requested`, `progress`, `problem` and the three times have the same meaning in each.
 */
export interface BackgroundTable<Row extends BackgroundRow> {
  name: Sql;
  /** What a row is read with. */
  columns: Sql;
  row: z.ZodType<Row>;
  /** The order in which rows that wait are begun. */
  order: Sql;
  /** Work whose process died so often is given up. */
  maxStarts: number;
  /** What is said of it then. */
  crashed: ImportProblem;
}
