import {
  eventsQuerySchema,
  type JobEvent,
  jobEventSchema,
  jobParamsSchema,
  page,
  sequenceSchema,
} from '@trainyard/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { eventStream } from '../../../../http/eventStream.js';
import { findJob } from '../../../../http/findJob.js';
import { answersContent } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

const headersSchema = z.object({
  /** Sequence number of the last event seen; sent by clients that open a stream again, and then counts, not `after`. */
  'last-event-id': sequenceSchema.optional().catch(undefined),
});

const wantsStream = (request: FastifyRequest): boolean =>
  request.headers.accept?.includes('text/event-stream') === true;

/** Events that a stream reads at a time. */
const streamBatch = 200;

/** Aborted when the client goes away or the app closes, whichever comes first. */
const endOf = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
};

/** A page of events has a next one when it is full; its cursor is the last event's sequence number. */
const pageOf = (data: JobEvent[], limit: number) => ({
  data,
  nextCursor: data.length === limit ? String(data.at(-1)?.sequence) : null,
});

/** GET /v1/jobs/{id}/events: a page of events, or, for `Accept: text/event-stream`, all of them as they happen. */
export const jobEvents: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/events',
    {
      // A stream has no length to tell beforehand.
      exposeHeadRoute: false,
      schema: {
        tags: ['jobs'],
        summary: 'Events of a job: a page by cursor, or a live stream',
        params: jobParamsSchema,
        querystring: eventsQuerySchema,
        headers: headersSchema,
        response: answersContent('Events in order', {
          'application/json': { schema: page(jobEventSchema) },
          'text/event-stream': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      await findJob(request.project, id);
      if (!wantsStream(request)) return pageOf(await request.project.events.list(id, after, limit), limit);

      const live = app.liveEvents;
      const source = {
        job: () => request.project.jobs.version(id),
        events: (cursor: number) => request.project.events.list(id, cursor, streamBatch),
        stillOpen: async () => (await request.access?.stillOpen()) === true,
      };
      const from = request.headers['last-event-id'] ?? after;
      const signal = endOf(reply, live.closing.signal);
      // x-accel-buffering: nginx would hold events back until its buffer is full.
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
      return reply.send(eventStream(source, live, id, from, signal));
    },
  );
};
