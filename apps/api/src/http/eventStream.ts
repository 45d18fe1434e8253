import { Readable } from 'node:stream';
import { isTerminal, type Job, type JobEvent } from '@trainyard/contracts';
import type { LiveEvents } from '../plugins/liveEvents.js';

/** Keeps proxies from closing a quiet stream, and finds out about clients that vanished without a word. */
const heartbeatMs = 15_000;

export interface EventSource {
  job(): Promise<Pick<Job, 'state'> | null>;
  /** The first events after a sequence number; none only where there are none. */
  events(after: number): Promise<JobEvent[]>;
  /** Whether the key that opened the stream still opens anything; when not, the stream ends. */
  stillOpen(): Promise<boolean>;
}

const message = (event: JobEvent): string =>
  `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/**
 * The events of a job after `after`, as they happen, as `text/event-stream`. When the job is at its end and all was sent, a
 * last message `end` tells the client not to come back.
 */
async function* messages(source: EventSource, live: LiveEvents, jobId: string, after: number, signal: AbortSignal) {
  const subscription = live.subscribe(jobId, signal);
  let cursor = after;
  let lastSent = Date.now();
  try {
    yield 'retry: 1000\n\n';
    // The state is always read before the events: a job's last event is written together with its last state, so once that
    // state was seen, no events means that all were sent. While no event comes, the state cannot have changed.
    let job = await source.job();
    while (!signal.aborted) {
      const events = await source.events(cursor);
      for (const event of events) {
        yield message(event);
        cursor = event.sequence;
        lastSent = Date.now();
      }
      if (events.length > 0) {
        job = await source.job();
        continue;
      }
      if (!job || isTerminal(job.state)) {
        yield `event: end\ndata: ${JSON.stringify({ state: job?.state ?? null })}\n\n`;
        return;
      }
      await subscription.next();
      if (!(await source.stillOpen())) return;
      if (Date.now() - lastSent >= heartbeatMs) {
        yield ': still here\n\n';
        lastSent = Date.now();
      }
    }
  } finally {
    subscription.close();
  }
}

/** The stream ends, and lets go of all it holds, when `signal` is aborted: the client went, or the app closes. */
export const eventStream = (...args: Parameters<typeof messages>): Readable => Readable.from(messages(...args));
