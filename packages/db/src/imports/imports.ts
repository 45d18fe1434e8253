import { ConflictError, type DatasetImport, type ImportOptions, type ImportSource } from '@trainyard/contracts';
import { z } from 'zod';
import { BackgroundWork } from '../background/backgroundWork.js';
import { isUploadFree } from '../background/uploadsInUse.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { newId } from '../postgres/newId.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { type ImportRow, importColumns, importRowSchema, importTable, toImport } from './importRow.js';

export interface NewImport {
  source: ImportSource;
  options: ImportOptions;
  apiKeyId: string;
}

/** The imports of a project. */
export class Imports extends BackgroundWork<ImportRow, DatasetImport> {
  constructor(postgres: Postgres, project: string) {
    super(postgres, project, { ...importTable, title: 'import', toAnswer: toImport });
  }

  /**
   * @throws ConflictError where something that is not over reads the same upload; InvalidInputError for texts that
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
      WHERE ${isUploadFree(this.project, uploadId)}
      RETURNING ${importColumns}`,
    );
    if (row === undefined) throw new ConflictError(`the upload ${uploadId} is being read already`);
    return toImport(row);
  }

  /** Uploads that an import or a prediction waits for or reads; where an import reads a URL, its own id. */
  async filesInUse(): Promise<string[]> {
    const rows = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`SELECT coalesce(source ->> 'uploadId', id) AS id FROM dataset_imports
        WHERE project = ${this.project} AND state IN ('queued', 'running')
      UNION ALL SELECT source ->> 'uploadId' FROM prediction_batches
        WHERE project = ${this.project} AND state IN ('queued', 'running') AND source ->> 'kind' = 'upload'`,
    );
    return rows.map(({ id }) => id);
  }
}
