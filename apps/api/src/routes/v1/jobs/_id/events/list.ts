import { Readable } from 'node:stream';
import {
  eventsQuerySchema,
  isTerminal,
  type JobEvent,
  jobEventSchema,
  jobParamsSchema,
  page,
  sequenceSchema,
} from '@trainyard/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { prefers } from '#http/accept.js';
import { eventStream } from '#http/eventStream.js';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

const headersSchema = z.object({
  'last-event-id': sequenceSchema
    .optional()
    .describe('Stream: sequence number of the last event received, in place of `after`; a page ignores it'),
});

/** Events that a stream reads in one statement. */
const streamBatchSize = 200;

/** Aborted when the client disconnects or the app closes, whichever comes first. */
const endOf = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const disconnected = new AbortController();
  reply.raw.once('close', () => disconnected.abort());
  return AbortSignal.any([disconnected.signal, closing]);
};

/** A full page may have a next one; its cursor is the sequence number of the last event. */
const pageOf = (data: JobEvent[], limit: number) => ({
  data,
  nextCursor: data.length === limit ? String(data.at(-1)?.sequence) : null,
});

/**
 * A page of events, or, with `Accept: text/event-stream`, a live stream of all of them. A stream that has nothing to
 * send any more is answered with 204, at which a browser's EventSource stops to reconnect.
 */
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
        headers: headersSchema,
        response: contentResponse('Events in order', {
          'application/json': { schema: page(jobEventSchema) },
          'text/event-stream': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      const { state } = await findJob(request.project, id);
      if (!prefers(request.headers, 'text/event-stream'))
        return pageOf(await request.project.events.list(id, after, limit), limit);

      const live = app.liveEvents;
      const source = {
        job: () => request.project.jobs.version(id),
        events: (cursor: number) => request.project.events.list(id, cursor, streamBatchSize),
        keyIsValid: async () => (await request.access?.keyIsValid()) === true,
        subscribe: (signal: AbortSignal) => live.subscribe(id, signal),
      };
      const from = request.headers['last-event-id'] ?? after;
      // The state was read first: a job's last event is written together with its last state.
      if (isTerminal(state) && (await source.events(from)).length === 0) return reply.code(204).send();
      // x-accel-buffering: otherwise nginx delays events until its buffer is full.
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      const signal = endOf(reply, live.closing.signal);
      return reply.send(eventStream(source, from, signal));
    },
  );
};
