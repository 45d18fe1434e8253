import { createHash } from 'node:crypto';
import type { DiskArtifactStore } from '@trainyard/artifacts';
import { artifactRoot } from '@trainyard/db';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { sendFile } from '#http/sendFile.js';
import { type Artifact, MlflowArtifacts, type TextArtifact } from '#services/mlflow/artifacts.js';
import { findRun } from '#services/mlflow/findRun.js';
import { sendError } from './errors.js';
import { read } from './read.js';
import { runIdSchema } from './runs.js';

const listSchema = z.object({ path: z.string().max(1000).default('') });

export function artifactRoutes(app: FastifyInstance, base: string, store: DiskArtifactStore): void {
  const url = `${base}/mlflow-artifacts/artifacts`;
  /** Paths relative to the folder; the path of a file, or of nothing, has none. */
  app.get(url, async (request) => {
    const { path } = read(listSchema, request.query);
    return filesOf(await new MlflowArtifacts(request.project, store).list(path), '');
  });
  /** Paths relative to the run. */
  app.get(`${base}/mlflow/artifacts/list`, async (request) => {
    const { path, ...ids } = read(runIdSchema.extend(listSchema.shape), request.query);
    const { id } = await findRun(request.project, ids);
    const found = await new MlflowArtifacts(request.project, store).list(`${id}/${path}`);
    return { root_uri: `${artifactRoot}${id}`, ...filesOf(found, path && `${path}/`) };
  });
  app.get<{ Params: { '*': string } }>(`${url}/*`, { config: { audited: true } }, async (request, reply) => {
    const path = request.params['*'];
    const file = await new MlflowArtifacts(request.project, store).open(path);
    if (!file) {
      const message = `no such artifact: '${path}'`;
      return sendError(reply.code(404), { error_code: 'RESOURCE_DOES_NOT_EXIST', message });
    }
    return 'text' in file ? sendText(reply, file) : sendFile(request, reply, file);
  });
}

const filesOf = (artifacts: Artifact[], prefix: string) =>
  artifacts.length === 0
    ? {}
    : { files: artifacts.map(({ name, isFolder }) => ({ path: `${prefix}${name}`, is_dir: isFolder })) };

function sendText(reply: FastifyReply, { text, fileName, mediaType }: TextArtifact): FastifyReply {
  return reply
    .headers({
      'repr-digest': `sha-256=:${createHash('sha256').update(text).digest('base64')}:`,
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'private, no-cache',
    })
    .type(mediaType)
    .send(text);
}
