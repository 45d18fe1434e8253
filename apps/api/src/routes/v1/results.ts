import { Readable } from 'node:stream';
import { page, type ResultsQuery, resultRowSchema, resultsQuerySchema } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { z } from 'zod';
import { csvMediaType, toCsv } from '../../http/csv.js';
import { answersContent } from '../../http/responses.js';
import type { Route } from '../route.js';

const columns = resultRowSchema.keyof().options;
const exportBatch = 500;

/** Every row that matches, page after page, so that no export is ever whole in memory. */
async function* csvOf(project: Pick<Project, 'results'>, query: ResultsQuery): AsyncGenerator<string> {
  let cursor = query.cursor;
  let header = true;
  do {
    const { data, nextCursor } = await project.results.history({ ...query, cursor, limit: exportBatch });
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
        tags: ['results'],
        summary: 'The history of all tested jobs; as CSV all that matches, else a page',
        querystring: resultsQuerySchema,
        response: answersContent('Rows', {
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
