import type { Page } from '@trainyard/contracts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Http } from './http.js';
import { Patience } from './patience.js';

export interface EventsOptions {
  /** Events with a greater sequence number; 0: all. */
  after?: number;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal;
  /** After this many seconds without an answer, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

/**
 * Past and new events of a job, each once and in order, until the job has ended. A broken connection is opened again
 * from the last event seen.
 * @throws ProblemError when the job does not exist or may not be read; UnreachableError when the service stays away.
 */
export async function* streamEvents<T extends { sequence: number }>(
  http: Http,
  path: string,
  options: EventsOptions,
): AsyncGenerator<T> {
  const { signal, giveUpAfterSeconds = 120 } = options;
  const patience = new Patience(giveUpAfterSeconds, signal);
  let cursor = options.after ?? 0;
  try {
    for (;;) {
      try {
        for await (const message of openStream(http, path, cursor, patience, signal)) {
          patience.progressed();
          if (message.event === 'end') return;
          // Not parsed by a schema: a newer service may send events of types that this client does not know.
          const event = JSON.parse(message.data) as T;
          cursor = event.sequence;
          yield event;
        }
        await patience.pause();
      } catch (error) {
        await patience.afterError(error);
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** What has happened up to now, page after page. */
export async function* eventPages<T>(http: Http, path: string): AsyncGenerator<T> {
  for (let after: string | null = '0'; after !== null; ) {
    const page: Page<T> = await http.json(path, { query: { after, limit: 1000 } });
    yield* page.data;
    after = page.nextCursor;
  }
}

/** The messages of one connection, from the event after `cursor`. */
async function* openStream(
  http: Http,
  path: string,
  cursor: number,
  patience: Patience,
  signal: AbortSignal | undefined,
) {
  const headers = { accept: 'text/event-stream', 'last-event-id': String(cursor) };
  const response = await http.send(path, { headers, signal });
  // Minutes may pass between two events.
  patience.answered();
  // The job has ended, and all its events are known.
  if (response.status === 204) {
    yield { event: 'end', data: '', id: undefined };
    return;
  }
  if (!response.body) return;
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  // Leaving this loop, for whatever reason, cancels the body and so closes the connection.
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* messages.splice(0);
  }
}
