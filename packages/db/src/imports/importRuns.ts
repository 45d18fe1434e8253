import type { DatasetImport, ImportProblem, ImportState } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { type ImportRow, importColumns, importRowSchema } from './importRow.js';

/** Without a heartbeat for so long, the process of an import counts as dead. */
const staleSeconds = 30;
/** A source that ended its process so often ends the import. */
const maxStarts = 3;

export type ImportEnd = {
  state: Extract<ImportState, 'succeeded' | 'failed' | 'cancelled'>;
  dataset?: DatasetImport['dataset'];
  problem?: ImportProblem;
};

/** What the processes that run imports read and write, for all projects. */
export class ImportRuns {
  constructor(private readonly postgres: Postgres) {}

  /** Takes the oldest import that waits, or whose process is dead; null: there is none. */
  async claim(owner: string): Promise<ImportRow | null> {
    await this.endHopeless();
    const [row] = await this.postgres.query(
      importRowSchema,
      sql`UPDATE dataset_imports SET state = 'running', owner = ${owner}, heartbeat_at = now(), progress = NULL,
        started_at = coalesce(started_at, now()), starts = starts + 1
      WHERE id = (SELECT id FROM dataset_imports WHERE state = 'queued' OR (state = 'running'
          AND heartbeat_at < now() - make_interval(secs => ${staleSeconds}::int))
        ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING ${importColumns}`,
    );
    return row ?? null;
  }

  /**
   * Shows that the import's process lives, and what it has done.
   * @returns whether to go on: `cancel` if a user wants it to stop, `lost` if another process has taken it
   */
  async heartbeat(id: string, owner: string, progress: DatasetImport['progress']): Promise<'go' | 'cancel' | 'lost'> {
    const [row] = await this.postgres.query(
      z.object({ cancel: z.boolean() }),
      sql`UPDATE dataset_imports SET heartbeat_at = now(), progress = ${json(progress)}
      WHERE id = ${id} AND owner = ${owner} AND state = 'running' RETURNING cancel_requested AS cancel`,
    );
    if (row === undefined) return 'lost';
    return row.cancel ? 'cancel' : 'go';
  }

  /** @returns false if another process has taken the import */
  async end(id: string, owner: string, { state, dataset = null, problem }: ImportEnd): Promise<boolean> {
    const changed = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`UPDATE dataset_imports SET state = ${state}::import_state, dataset = ${json(dataset)},
        problem = ${json(problem)}, owner = NULL, finished_at = now()
      WHERE id = ${id} AND owner = ${owner} AND state = 'running' RETURNING id`,
    );
    return changed.length > 0;
  }

  /** Gives an import back that its process cannot finish, as at a shutdown. */
  async handBack(id: string, owner: string): Promise<void> {
    await this.postgres.execute(sql`
      UPDATE dataset_imports SET state = 'queued', owner = NULL, progress = NULL, starts = starts - 1
      WHERE id = ${id} AND owner = ${owner} AND state = 'running'`);
  }

  private async endHopeless(): Promise<void> {
    const problem: ImportProblem = {
      code: 'import_crashed',
      detail: `the process of this import ended ${maxStarts} times before it was done; the source may be too large`,
      faults: [],
    };
    await this.postgres.execute(sql`
      UPDATE dataset_imports SET state = 'failed', problem = ${json(problem)}, owner = NULL, finished_at = now()
      WHERE state = 'running' AND starts >= ${maxStarts}::int
        AND heartbeat_at < now() - make_interval(secs => ${staleSeconds}::int)`);
  }
}
