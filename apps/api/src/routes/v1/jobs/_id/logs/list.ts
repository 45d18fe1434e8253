import { jobParamsSchema, logLineSchema, logsQuerySchema, page } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { eventsHeadersSchema, sendEvents } from '#routes/sendEvents.js';
import { findJob } from '#services/findJob.js';
import { logLineOf } from '#services/logLine.js';

export const jobLogs: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/logs',
    {
      schema: {
        operationId: 'listJobLogs',
        tags: ['jobs'],
        summary: 'The log of a job: a page of lines by cursor, the last lines, or a live stream',
        description:
          'A line for each event, with what its trainers wrote to their standard error (of a job, the first thousand ' +
          'lines, each cut at a thousand characters). Paged and streamed as the events are, under the same numbers.',
        params: jobParamsSchema,
        querystring: logsQuerySchema,
        headers: eventsHeadersSchema,
        response: contentResponse('Lines in order', {
          'application/json': { schema: page(logLineSchema) },
          'text/event-stream': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { after, limit, tail } = request.query;
      const lastEventId = request.headers['last-event-id'];
      if (tail === undefined)
        return sendEvents(app, request, reply, { jobId: id, after, lastEventId, limit, form: logLineOf });
      await findJob(request.project, id);
      const last = await request.project.events.last(id, after, tail);
      return { data: last.map(logLineOf), nextCursor: null };
    },
  );
};
