import { Readable } from 'node:stream';
import { page, type ResultsQuery, resultRowSchema, resultsQuerySchema } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { z } from 'zod';
import { csvMediaType, toCsv } from '#http/csv.js';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

const columns = resultRowSchema.keyof().options;
const exportPageSize = 500;

/** All matching rows, page by page, so that an export of any size needs little memory. */
async function* csvOf(project: Pick<Project, 'results'>, query: ResultsQuery): AsyncGenerator<string> {
  let cursor = query.cursor;
  let header = true;
  do {
    const { data, nextCursor } = await project.results.history({ ...query, cursor, limit: exportPageSize });
    yield toCsv(data, columns, header);
    header = false;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}

export const resultsHistory: Route = async (app) => {
  app.get(
    '/v1/results',
    {
      schema: {
        operationId: 'listResults',
        tags: ['results'],
        summary: 'The history of all tested jobs: a page, or as CSV all matching rows; partial tests on request',
        querystring: resultsQuerySchema,
        response: contentResponse('Rows', {
          'application/json': { schema: page(resultRowSchema) },
          'text/csv': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      if (request.query.format === 'json') return request.project.results.history(request.query);
      reply.header('content-disposition', 'attachment; filename="results.csv"');
      return reply.type(csvMediaType).send(Readable.from(csvOf(request.project, request.query)));
    },
  );
};
