import {
  ConflictError,
  type DatasetImport,
  type ImportOptions,
  type ImportSource,
  type ListImportsQuery,
  NotFoundError,
  type Page,
} from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from '../postgres/checkStorable.js';
import { newId } from '../postgres/newId.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { empty, json, sql } from '../postgres/sql.js';
import { importColumns, importRowSchema, toImport } from './importRow.js';

export interface NewImport {
  source: ImportSource;
  options: ImportOptions;
  apiKeyId: string;
}

/** The imports of a project. */
export class Imports {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /**
   * @throws ConflictError where an import that is not over reads the same upload; InvalidInputError for texts that
   *   cannot be stored
   */
  async create({ source, options, apiKeyId }: NewImport): Promise<DatasetImport> {
    checkStorable(options);
    checkStorable(source, '/source');
    const uploadId = source.kind === 'upload' ? source.uploadId : null;
    const [row] = await this.postgres.query(
      importRowSchema,
      sql`INSERT INTO dataset_imports (id, project, api_key_id, source, options)
      SELECT ${newId('imp')}, ${this.project}, ${apiKeyId}, ${json(source)}, ${json(options)}
      WHERE NOT EXISTS (SELECT FROM dataset_imports WHERE project = ${this.project}
        AND state IN ('queued', 'running') AND source ->> 'uploadId' = ${uploadId})
      RETURNING ${importColumns}`,
    );
    if (row === undefined) throw new ConflictError(`the upload ${uploadId} is being imported already`);
    return toImport(row);
  }

  async find(id: string): Promise<DatasetImport | null> {
    const [row] = await this.postgres.query(
      importRowSchema,
      sql`SELECT ${importColumns} FROM dataset_imports WHERE id = ${id} AND project = ${this.project}`,
    );
    return row === undefined ? null : toImport(row);
  }

  /** Newest first. */
  async list({ cursor, limit }: ListImportsQuery): Promise<Page<DatasetImport>> {
    const after = cursor === undefined ? null : decodeCursor('createdAt', cursor);
    const rows = await this.postgres.query(
      importRowSchema,
      sql`SELECT ${importColumns} FROM dataset_imports WHERE project = ${this.project}
      ${after === null ? empty : sql`AND (created_at, id) < (${after.value}::timestamptz, ${after.id})`}
      ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}::int`,
    );
    const page = toPage(rows, limit, 'createdAt', ({ id, createdAt }) => ({ value: createdAt, id }));
    return { data: page.data.map(toImport), nextCursor: page.nextCursor };
  }

  /**
   * Cancels an import: at once where it waits; one that runs is stopped by its process within seconds.
   * @returns the import, and whether there was anything to do: a second call changes nothing
   * @throws NotFoundError, or ConflictError where it has succeeded or failed
   */
  async cancel(id: string): Promise<{ cancelled: DatasetImport; changed: boolean }> {
    const [row] = await this.postgres.query(
      importRowSchema,
      sql`UPDATE dataset_imports SET cancel_requested = true,
        state = CASE WHEN state = 'queued' THEN 'cancelled'::import_state ELSE state END,
        finished_at = CASE WHEN state = 'queued' THEN now() END
      WHERE id = ${id} AND project = ${this.project} AND state IN ('queued', 'running') AND NOT cancel_requested
      RETURNING ${importColumns}`,
    );
    if (row !== undefined) return { cancelled: toImport(row), changed: true };
    const found = await this.find(id);
    if (found === null) throw new NotFoundError(`import ${id}`);
    if (!found.terminal || found.state === 'cancelled') return { cancelled: found, changed: false };
    throw new ConflictError(`the import ${id} is over: it has ${found.state}`);
  }

  /** Uploads that an import waits for or reads; where it reads a URL, its own id. */
  async filesInUse(): Promise<string[]> {
    const rows = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`SELECT coalesce(source ->> 'uploadId', id) AS id FROM dataset_imports WHERE project = ${this.project}
      AND state IN ('queued', 'running')`,
    );
    return rows.map(({ id }) => id);
  }
}
