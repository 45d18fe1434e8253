import { type Sql, sql } from '../postgres/sql.js';

/** A condition: nothing that is not over reads the upload, which would be removed under its hands. */
export const isUploadFree = (project: string, uploadId: string | null): Sql => sql`
  NOT EXISTS (SELECT FROM dataset_imports WHERE project = ${project}
    AND state IN ('queued', 'running') AND source ->> 'uploadId' = ${uploadId})
  AND NOT EXISTS (SELECT FROM prediction_batches WHERE project = ${project}
    AND state IN ('queued', 'running') AND source ->> 'uploadId' = ${uploadId})`;
