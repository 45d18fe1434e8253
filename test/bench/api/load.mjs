import autocannon from 'autocannon';

/**
 * Sends requests in a closed loop: each connection sends its next when the last was answered.
 *
 * @param next gives a request: `{method, path, headers, body}`.
 * @param answered gets the body and the request of each answer with the status `expected`.
 * @returns figures of `summary`; errors: no answer within 10 s, or another status.
 */
export async function closedLoop({ url, apiKey, connections, seconds, expected, next, answered = () => {} }) {
  const times = [];
  let wrong = 0;
  const run = autocannon({
    ...{ url, connections, duration: seconds, timeout: 10 },
    requests: [
      {
        setupRequest(request, context) {
          context.sent = next();
          const { headers, ...rest } = context.sent;
          return { ...request, ...rest, headers: { authorization: `Bearer ${apiKey}`, ...headers } };
        },
        onResponse(status, body, context) {
          if (status === expected) answered(body, context.sent);
          else wrong += 1;
        },
      },
    ],
  });
  run.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  const { errors, duration } = await run;
  return summary(times, duration, errors + wrong);
}

/** Of response times in milliseconds. */
export function summary(times, seconds, errors) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  return {
    ...{ requests: sorted.length, perSecond: sorted.length / seconds, errors },
    ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  };
}
