import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import type { BackgroundRow, BackgroundTable } from './backgroundTable.js';

/** Without a heartbeat for so long, the process of a row counts as dead. */
const staleSeconds = 30;

/** What the processes that do the work of a table read and write, for all projects. */
export class BackgroundRuns<Row extends BackgroundRow> {
  constructor(
    protected readonly postgres: Postgres,
    private readonly table: BackgroundTable<Row>,
  ) {}

  /** Takes the first row that waits, or whose process is dead; null: there is none. */
  async claim(owner: string): Promise<Row | null> {
    await this.endHopeless();
    const { name, columns, row, order } = this.table;
    const [claimed] = await this.postgres.query(
      row,
      sql`UPDATE ${name} SET state = 'running', owner = ${owner}, heartbeat_at = now(), progress = NULL,
        started_at = coalesce(started_at, now()), starts = starts + 1
      WHERE id = (SELECT id FROM ${name} AS waiting WHERE state = 'queued' OR (state = 'running'
          AND heartbeat_at < now() - make_interval(secs => ${staleSeconds}::int))
        ORDER BY ${order} LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING ${columns}`,
    );
    return claimed ?? null;
  }

  /**
   * Shows that the row's process lives, and what it has done.
   * @returns whether to go on: `cancel` if a user wants it to stop, `lost` if another process has taken it
   */
  async heartbeat(id: string, owner: string, progress: unknown): Promise<'go' | 'cancel' | 'lost'> {
    const [row] = await this.postgres.query(
      z.object({ cancel: z.boolean() }),
      sql`UPDATE ${this.table.name} SET heartbeat_at = now(), progress = ${json(progress)}
      WHERE id = ${id} AND owner = ${owner} AND state = 'running' RETURNING cancel_requested AS cancel`,
    );
    if (row === undefined) return 'lost';
    return row.cancel ? 'cancel' : 'go';
  }

  /** Gives a row back that its process cannot finish, as at a shutdown. */
  async handBack(id: string, owner: string): Promise<void> {
    await this.postgres.execute(sql`
      UPDATE ${this.table.name} SET state = 'queued', owner = NULL, progress = NULL, starts = starts - 1
      WHERE id = ${id} AND owner = ${owner} AND state = 'running'`);
  }

  private async endHopeless(): Promise<void> {
    const { name, maxStarts, crashed } = this.table;
    await this.postgres.execute(sql`
      UPDATE ${name} SET state = 'failed', problem = ${json(crashed)}, owner = NULL, finished_at = now()
      WHERE state = 'running' AND starts >= ${maxStarts}::int
        AND heartbeat_at < now() - make_interval(secs => ${staleSeconds}::int)`);
  }
}
