import { Readable } from 'node:stream';
import { isTerminal, type JobEvent, sequenceSchema } from '@trainyard/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { prefers } from '#http/accept.js';
import { endOf } from '#http/endOf.js';
import { eventStream, type Numbered } from '#http/eventStream.js';
import { findJob } from '#services/findJob.js';

export const eventsHeadersSchema = z.object({
  'last-event-id': sequenceSchema
    .optional()
    .describe('Stream: sequence number of the last event received, in place of `after`; a page ignores it'),
});

/** Events that a stream reads in one statement. */
const streamBatchSize = 200;

interface EventsOf<T extends Numbered> {
  jobId: string;
  /** Where to begin: the sequence number of the last event that the client has. */
  after: number;
  lastEventId: number | undefined;
  limit: number;
  /** The form in which they are sent. */
  form: (event: JobEvent) => T;
}

/**
 * A page of a job's events, or, with `Accept: text/event-stream`, a live stream of all of them. A stream that has
 * nothing to send any more is answered with 204, at which a browser's EventSource stops to reconnect.
 */
export async function sendEvents<T extends Numbered>(
  { liveEvents }: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { jobId, after, lastEventId, limit, form }: EventsOf<T>,
) {
  const { project, access } = request;
  const { state } = await findJob(project, jobId);
  const list = async (from: number, count: number) => (await project.events.list(jobId, from, count)).map(form);
  if (!prefers(request.headers, 'text/event-stream')) return pageOf(await list(after, limit), limit);

  const source = {
    job: () => project.jobs.version(jobId),
    events: (from: number) => list(from, streamBatchSize),
    keyIsValid: async () => (await access?.keyIsValid()) === true,
    subscribe: (signal: AbortSignal) => liveEvents.subscribe(jobId, signal),
  };
  const from = lastEventId ?? after;
  // The state was read first: a job's last event is written together with its last state.
  if (isTerminal(state) && (await source.events(from)).length === 0) return reply.code(204).send();
  // x-accel-buffering: otherwise nginx delays events until its buffer is full.
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
  if (request.method === 'HEAD') return reply.send(Readable.from([]));
  return reply.send(eventStream(source, from, endOf(reply, liveEvents.closing.signal)));
}

/** A full page may have a next one; its cursor is the sequence number of the last event. */
const pageOf = <T extends Numbered>(data: T[], limit: number) => ({
  data,
  nextCursor: data.length === limit ? String(data.at(-1)?.sequence) : null,
});
