import type { BatchResults, ImportProblem, ImportState } from '@trainyard/contracts';
import { z } from 'zod';
import { BackgroundRuns } from '../background/backgroundRuns.js';
import { secondsToday } from '../jobs/usage.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { type BatchRow, batchTable } from './batchRow.js';

export interface BatchEnd {
  state: Extract<ImportState, 'succeeded' | 'failed' | 'cancelled'>;
  results?: BatchResults & { folder: string };
  problem?: ImportProblem;
}

/** What the processes that classify batches read and write, for all projects. */
export class BatchRuns extends BackgroundRuns<BatchRow> {
  constructor(postgres: Postgres) {
    super(postgres, batchTable);
  }

  /**
   * Ends a batch, and charges its seconds to the key that asked for it, as those of training are.
   * @returns false if another process has taken the batch, or it was deleted
   */
  async end(id: string, owner: string, { state, results, problem }: BatchEnd): Promise<boolean> {
    const { folder = null, ...shown } = results ?? {};
    const bytes = results ? results.csv.bytes + results.parquet.bytes : 0;
    const ended = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`WITH ended AS (
        UPDATE prediction_batches SET state = ${state}::batch_state, results = ${json(results && shown)},
          folder = ${folder}, bytes = ${bytes}::bigint, problem = ${json(problem)}, owner = NULL, finished_at = now()
        WHERE id = ${id} AND owner = ${owner} AND state = 'running'
        RETURNING id, api_key_id, started_at, finished_at
      ), charged AS (
        INSERT INTO training_usage (key_id, day, seconds)
        SELECT api_key_id, (now() AT TIME ZONE 'UTC')::date, ${secondsToday(sql`started_at`, sql`finished_at`)}
        FROM ended WHERE api_key_id IS NOT NULL
        ON CONFLICT (key_id, day) DO UPDATE SET seconds = training_usage.seconds + excluded.seconds
      ) SELECT id FROM ended`,
    );
    return ended.length > 0;
  }

  /** Bytes of all results of a project. */
  async bytesOf(project: string): Promise<number> {
    const [row] = await this.postgres.query(
      z.object({ bytes: z.coerce.number() }),
      sql`SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM prediction_batches WHERE project = ${project}`,
    );
    return row?.bytes ?? 0;
  }

  /** Of these batches, those whose results may still be written, and the folders of the others. */
  async foldersOf(ids: readonly string[]): Promise<{ id: string; running: boolean; folder: string | null }[]> {
    return this.postgres.query(
      z.object({ id: z.string(), running: z.boolean(), folder: z.string().nullable() }),
      sql`SELECT id, state = 'running' AS running, folder FROM prediction_batches WHERE id = ANY(${[...ids]}::text[])`,
    );
  }
}
