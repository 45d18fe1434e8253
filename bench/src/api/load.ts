import autocannon from 'autocannon';
import { type LoadFigures, summarize } from '../shared/statistics.js';

export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
}

interface ClosedLoop {
  url: string;
  apiKey: string;
  connections: number;
  /** How long; with `amount`, until so many requests were answered. */
  seconds?: number;
  amount?: number;
  /** Ends the loop earlier. */
  signal?: AbortSignal;
  /** The statuses of a right answer. */
  expected: number | readonly number[];
  next: () => LoadRequest;
  /** Called with the body and the request of each right answer. */
  onAnswer?: (body: string, sent: LoadRequest) => void;
}

/**
 * Sends requests in a closed loop: each connection sends its next request when the last was answered.
 * An answer that takes longer than 10 s, and one with another status than `expected`, counts as an error.
 */
export async function closedLoop(options: ClosedLoop): Promise<LoadFigures> {
  const { url, apiKey, connections, seconds, amount, signal, next, onAnswer } = options;
  const expected = [options.expected].flat();
  const times: number[] = [];
  let wrong = 0;
  const load: autocannon.Options = {
    url,
    connections,
    ...(amount === undefined ? { duration: seconds ?? 10 } : { amount }),
    timeout: 10,
    requests: [
      {
        setupRequest(request, context) {
          const { headers, ...rest } = next();
          Object.assign(context, { sent: { headers, ...rest } });
          return { ...request, ...rest, headers: { authorization: `Bearer ${apiKey}`, ...headers } };
        },
        onResponse(status, body, context) {
          if (expected.includes(status)) onAnswer?.(body, (context as { sent: LoadRequest }).sent);
          else wrong += 1;
        },
      },
    ],
  };
  const { errors, duration } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(load, (error, result) => (error ? reject(error) : resolve(result)));
    signal?.addEventListener('abort', () => run.stop());
    run.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  });
  return summarize(times, duration, errors + wrong);
}
