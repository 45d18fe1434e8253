import {
  type BatchPrediction,
  type BatchSource,
  ConflictError,
  NotFoundError,
  type PredictedModel,
} from '@trainyard/contracts';
import { z } from 'zod';
import { BackgroundWork } from '../background/backgroundWork.js';
import { isUploadFree } from '../background/uploadsInUse.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { newId } from '../postgres/newId.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { type BatchRow, batchColumns, batchRowSchema, batchTable, toBatch } from './batchRow.js';

export interface NewBatch {
  model: PredictedModel;
  /** In the artifact store. */
  checkpointKey: string;
  source: BatchSource;
  apiKeyId: string;
}

/** The predictions of many images of a project. */
export class Batches extends BackgroundWork<BatchRow, BatchPrediction> {
  constructor(postgres: Postgres, project: string) {
    super(postgres, project, { ...batchTable, title: 'prediction', toAnswer: toBatch });
  }

  /** @throws ConflictError where something that is not over reads the same upload */
  async create({ model, checkpointKey, source, apiKeyId }: NewBatch): Promise<BatchPrediction> {
    checkStorable(source, '/source');
    const uploadId = source.kind === 'upload' ? source.uploadId : null;
    const [row] = await this.postgres.query(
      batchRowSchema,
      sql`INSERT INTO prediction_batches (id, project, api_key_id, model, checkpoint_key, source)
      SELECT ${newId('prd')}, ${this.project}, ${apiKeyId}, ${json(model)}, ${checkpointKey}, ${json(source)}
      WHERE ${isUploadFree(this.project, uploadId)}
      RETURNING ${batchColumns}`,
    );
    if (row === undefined) throw new ConflictError(`the upload ${uploadId} is being read already`);
    return toBatch(row);
  }

  /** The results of a prediction that succeeded; null: it did not, or not yet. @throws NotFoundError */
  async results(id: string): Promise<{ results: BatchRow['results'] & object; folder: string } | null> {
    const [row] = await this.postgres.query(
      batchRowSchema.pick({ results: true, folder: true }),
      sql`SELECT results, folder FROM prediction_batches WHERE id = ${id} AND project = ${this.project}`,
    );
    if (row === undefined) throw new NotFoundError(`prediction ${id}`);
    return row.results && row.folder !== null ? { results: row.results, folder: row.folder } : null;
  }

  /**
   * Removes a prediction that is over.
   * @returns name of the folder of its results; null where it has none
   * @throws NotFoundError; ConflictError
   */
  async delete(id: string): Promise<string | null> {
    const [row] = await this.postgres.query(
      z.object({ folder: z.string().nullable() }),
      sql`DELETE FROM prediction_batches WHERE id = ${id} AND project = ${this.project}
        AND state NOT IN ('queued', 'running') RETURNING folder`,
    );
    if (row !== undefined) return row.folder;
    if ((await this.find(id)) === null) throw new NotFoundError(`prediction ${id}`);
    throw new ConflictError(`the prediction ${id} is not over; cancel it first`);
  }
}
