import { type DatasetImport, InvalidInputError, type NewImportBody } from '@trainyard/contracts';
import type { FastifyRequest } from 'fastify';
import { checkPublicUrl } from './checkPublicUrl.js';
import type { Uploads } from './uploads.js';

/**
 * Stores an import, which an API process begins within a second.
 * @throws NotFoundError, InvalidInputError, ConflictError
 */
export async function createImport(
  request: Pick<FastifyRequest, 'caller' | 'project' | 'log'>,
  { uploads, allowPrivateUrls }: { uploads: Pick<Uploads, 'complete'>; allowPrivateUrls: boolean },
  { uploadId, url, ...options }: NewImportBody,
): Promise<DatasetImport> {
  const { caller, project, log } = request;
  if ((uploadId === undefined) === (url === undefined)) {
    throw new InvalidInputError('the body is not valid', [
      { pointer: '', detail: 'must have uploadId or url, one of them' },
    ]);
  }
  if (url !== undefined) checkPublicUrl(url, allowPrivateUrls);
  const source =
    uploadId === undefined
      ? { kind: 'url' as const, url: url as string }
      : { kind: 'upload' as const, uploadId, name: (await uploads.complete(caller.project, uploadId)).name };
  const created = await project.imports.create({ source, options, apiKeyId: caller.id });
  log.info({ importId: created.id, source: source.kind }, 'import submitted');
  return created;
}
