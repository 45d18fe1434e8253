import { eventsQuerySchema, type JobEvent, jobEventSchema, jobParamsSchema, page } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { eventsHeadersSchema, sendEvents } from '#routes/sendEvents.js';

const form = (event: JobEvent): JobEvent => event;

export const jobEvents: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/events',
    {
      schema: {
        operationId: 'listJobEvents',
        tags: ['jobs'],
        summary: 'Events of a job: a page by cursor, or a live stream',
        description:
          'A page of events after the sequence number `after`; the next page is after `nextCursor`. With ' +
          '`Accept: text/event-stream` a live stream of all of them, in which `id` is the sequence number and `data` ' +
          'the event; a last message `end` says that the job has ended. A browser that reconnects sends ' +
          'Last-Event-ID; 204 asks it to stop.',
        params: jobParamsSchema,
        querystring: eventsQuerySchema,
        headers: eventsHeadersSchema,
        response: contentResponse('Events in order', {
          'application/json': { schema: page(jobEventSchema) },
          'text/event-stream': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      return sendEvents(app, request, reply, { jobId: request.params.id, lastEventId, form, ...request.query });
    },
  );
};
