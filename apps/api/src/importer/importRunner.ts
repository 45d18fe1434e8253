import { fileURLToPath } from 'node:url';
import { type DatasetImport, importedDatasetSchema, importProgressSchema } from '@trainyard/contracts';
import type { Database, ImportRow } from '@trainyard/db';
import type { Logger } from '@trainyard/process';
import type { DatasetQuota } from '#services/datasetQuota.js';
import type { Uploads } from '#services/uploads.js';
import { BackgroundRunner } from '../background/backgroundRunner.js';
import type { ImportCommand } from './messages.js';

export interface ImportRunnerOptions {
  db: Pick<Database, 'imports'>;
  /** Folder of all datasets. */
  root: string;
  uploads: Uploads;
  quota: DatasetQuota;
  allowPrivateUrls: boolean;
  logger: Logger;
}

type Imported = DatasetImport['dataset'] & object;

/** Runs the imports that came over HTTP, one at a time, each in a process of its own. */
export function importRunner(options: ImportRunnerOptions): BackgroundRunner<ImportRow, unknown, Imported> {
  const { db, uploads, logger } = options;
  return new BackgroundRunner(
    {
      entry: fileURLToPath(new URL('./main.js', import.meta.url)),
      heapMegabytes: 2048,
      title: 'import',
      progress: importProgressSchema,
      result: importedDatasetSchema,
      runs: db.imports,
      commandOf: (row) => commandOf(row, options),
      async end(row, owner, end) {
        const { state } = end;
        const dataset = end.state === 'succeeded' ? { dataset: end.result } : {};
        const problem = end.state === 'failed' ? { problem: end.problem } : {};
        const isOurs = await db.imports.end(row.id, owner, { state, ...dataset, ...problem });
        if (isOurs) await uploads.remove(row.project, row.source.kind === 'upload' ? row.source.uploadId : row.id);
        return isOurs;
      },
    },
    logger,
  );
}

async function commandOf(
  { id, project, source, options }: ImportRow,
  { root, uploads, quota, allowPrivateUrls }: ImportRunnerOptions,
): Promise<ImportCommand> {
  const left = await quota.left(project);
  const bytesLeft = Number.isFinite(left) ? Math.max(0, left) : null;
  const shared = { root, project, options, bytesLeft, allowPrivateUrls };
  if (source.kind === 'url') {
    // Without the query, which may contain a secret: everyone in the project sees the origin.
    const { origin, pathname, hostname } = new URL(source.url);
    const label = pathname.split('/').at(-1) || hostname;
    const file = await uploads.download(project, id);
    return { ...shared, file, url: source.url, label, origin: `${origin}${pathname}` };
  }
  const { file, name } = await uploads.complete(project, source.uploadId);
  return { ...shared, file, url: null, label: name, origin: `upload:${name}` };
}
