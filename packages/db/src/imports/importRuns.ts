import type { DatasetImport, ImportProblem, ImportState } from '@trainyard/contracts';
import { z } from 'zod';
import { BackgroundRuns } from '../background/backgroundRuns.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { type ImportRow, importTable } from './importRow.js';

export type ImportEnd = {
  state: Extract<ImportState, 'succeeded' | 'failed' | 'cancelled'>;
  dataset?: DatasetImport['dataset'];
  problem?: ImportProblem;
};

/** What the processes that run imports read and write, for all projects. */
export class ImportRuns extends BackgroundRuns<ImportRow> {
  constructor(postgres: Postgres) {
    super(postgres, importTable);
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
}
