import { Readable } from 'node:stream';
import { isTerminal, type Job } from '@trainyard/contracts';

/** Comment lines sent this often keep proxies from closing a quiet stream, and reveal clients that have disappeared. */
const keepAliveMs = 15_000;

/** What a stream sends: an event of a job, or a form of it under the event's number. */
export interface Numbered {
  sequence: number;
  type: string;
}

export interface EventSource {
  job(): Promise<Pick<Job, 'state'> | null>;
  /** The first events after a sequence number; an empty list only when there are no more. */
  events(after: number): Promise<Numbered[]>;
  /** Whether the key that opened the stream is still valid; the stream ends when it is not. */
  keyIsValid(): Promise<boolean>;
  /** Listens for new events until it is closed; `next` resolves when there may be some, or the signal is aborted. */
  subscribe(signal: AbortSignal): { next(): Promise<void>; close(): void };
}

/** How long a browser waits before it reconnects. In the first message: alone, some clients take it for an event. */
const retryLine = 'retry: 1000\n';

const message = (event: Numbered): string =>
  `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/**
 * The events of a job after `after` as `text/event-stream`, live. When the job is terminal and all its events are
 * sent, a last message `end` asks the client not to reconnect.
 */
async function* messages(source: EventSource, after: number, signal: AbortSignal) {
  const subscription = source.subscribe(signal);
  let lastSequence = after;
  let lastSent = Date.now();
  try {
    let head = retryLine;
    // The state MUST be read before the events. A job's last event is written in one transaction with its last state:
    // after that state was read, an empty list of events means that all were sent.
    let job = await source.job();
    while (!signal.aborted) {
      const events = await source.events(lastSequence);
      for (const event of events) {
        yield head + message(event);
        head = '';
        lastSequence = event.sequence;
        lastSent = Date.now();
      }
      if (events.length > 0) {
        job = await source.job();
        continue;
      }
      if (!job || isTerminal(job.state)) {
        yield `${head}event: end\ndata: ${JSON.stringify({ state: job?.state ?? null })}\n\n`;
        return;
      }
      await subscription.next();
      if (!(await source.keyIsValid())) return;
      if (Date.now() - lastSent >= keepAliveMs) {
        yield ': keep-alive\n\n';
        lastSent = Date.now();
      }
    }
  } finally {
    subscription.close();
  }
}

/**
 * @param after sequence number of the last event that the client has; 0: none.
 * @param signal aborted when the client disconnects or the app closes; the stream then ends and releases its
 *   subscription.
 */
export const eventStream = (source: EventSource, after: number, signal: AbortSignal): Readable =>
  Readable.from(messages(source, after, signal));
