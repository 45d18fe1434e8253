import { ConflictError, NotFoundError, type Page } from '@trainyard/contracts';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { empty, sql } from '../postgres/sql.js';
import type { BackgroundRow, BackgroundTable } from './backgroundTable.js';

/** As users see a row. */
interface Shown {
  state: string;
  terminal: boolean;
}

/** The rows of a project in a table of background work, as users read and cancel them. */
export class BackgroundWork<Row extends BackgroundRow, Answer extends Shown> {
  constructor(
    protected readonly postgres: Postgres,
    protected readonly project: string,
    private readonly table: BackgroundTable<Row> & {
      /** For messages: `import`. */
      title: string;
      toAnswer(row: Row): Answer;
    },
  ) {}

  async find(id: string): Promise<Answer | null> {
    const { name, columns, row, toAnswer } = this.table;
    const [found] = await this.postgres.query(
      row,
      sql`SELECT ${columns} FROM ${name} WHERE id = ${id} AND project = ${this.project}`,
    );
    return found === undefined ? null : toAnswer(found);
  }

  /** Newest first. */
  async list({ cursor, limit }: { cursor?: string | undefined; limit: number }): Promise<Page<Answer>> {
    const { name, columns, row, toAnswer } = this.table;
    const after = cursor === undefined ? null : decodeCursor('createdAt', cursor);
    const rows = await this.postgres.query(
      row,
      sql`SELECT ${columns} FROM ${name} WHERE project = ${this.project}
      ${after === null ? empty : sql`AND (created_at, id) < (${after.value}::timestamptz, ${after.id})`}
      ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}::int`,
    );
    const page = toPage(rows, limit, 'createdAt', ({ id, createdAt }) => ({ value: createdAt, id }));
    return { data: page.data.map(toAnswer), nextCursor: page.nextCursor };
  }

  /**
   * Cancels what waits at once; what runs is stopped by its process within seconds.
   * @returns the row, and whether there was anything to do: a second call changes nothing
   * @throws NotFoundError, or ConflictError where it has succeeded or failed
   */
  async cancel(id: string): Promise<{ cancelled: Answer; changed: boolean }> {
    const { name, columns, row, title, toAnswer } = this.table;
    const [changed] = await this.postgres.query(
      row,
      sql`UPDATE ${name} SET cancel_requested = true,
        state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
        finished_at = CASE WHEN state = 'queued' THEN now() END
      WHERE id = ${id} AND project = ${this.project} AND state IN ('queued', 'running') AND NOT cancel_requested
      RETURNING ${columns}`,
    );
    if (changed !== undefined) return { cancelled: toAnswer(changed), changed: true };
    const found = await this.find(id);
    if (found === null) throw new NotFoundError(`${title} ${id}`);
    if (!found.terminal || found.state === 'cancelled') return { cancelled: found, changed: false };
    throw new ConflictError(`the ${title} ${id} is over: it has ${found.state}`);
  }
}
