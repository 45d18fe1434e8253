import { createHmac } from 'node:crypto';
import { connectionErrorCodes } from '@trainyard/contracts';
import { RefusedRequestError, timeLimit } from '@trainyard/process';
import type { Dispatcher } from 'undici';

/** Bytes of an answer that are read, so that its connection can be used again; a longer one is cut off. */
const maxAnswerBytes = 16 * 1024;

/**
 * The headers of Standard Webhooks (standardwebhooks.com, version 1.0.0): HMAC-SHA256 of `id.timestamp.body` with each
 * secret, so that a receiver that has either of two accepts.
 *
 * @param secrets `whsec_` and base64.
 * @param at seconds since 1970.
 */
export function signed(id: string, body: string, secrets: readonly string[], at: number): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signatures.join(' ') };
}

export interface Answer {
  /** null: there was no answer. */
  status: number | null;
  /** Why it does not count as delivered; null: it does. */
  error: string | null;
  /** Whether the URL leads where the service does not send to. */
  refused: boolean;
}

export interface Sending {
  url: string;
  body: string;
  headers: Record<string, string>;
  /** Connects to checked addresses alone, and follows no redirects. */
  dispatcher: Dispatcher;
  timeoutMs: number;
  /** Ends the request with its reason. */
  signal: AbortSignal;
}

/**
 * POSTs the body; 2xx is success. Nothing of the answer's body is kept: with private addresses allowed, it could show
 * a user what only this machine may read.
 * @throws the reason of `signal`
 */
export async function sendWebhook({ url, body, headers, dispatcher, timeoutMs, signal }: Sending): Promise<Answer> {
  const timeout = timeLimit(timeoutMs);
  try {
    const target = new URL(url);
    const response = await dispatcher.request({
      method: 'POST',
      origin: target.origin,
      path: target.pathname + target.search,
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'trainyard-webhooks' },
      body,
      signal: AbortSignal.any([signal, timeout]),
    });
    const { statusCode: status } = response;
    await response.body.dump({ limit: maxAnswerBytes }).catch(() => undefined);
    return { status, error: faultOf(status), refused: false };
  } catch (error) {
    signal.throwIfAborted();
    const refusal = [error, (error as Error).cause].find((each) => each instanceof RefusedRequestError);
    if (refusal instanceof Error) return { status: null, error: `the URL ${refusal.message}`, refused: true };
    const late = `no answer within ${timeoutMs / 1000} s`;
    return { status: null, error: timeout.aborted ? late : reasonOf(error), refused: false };
  }
}

function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return `answered ${status}`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined && connectionErrorCodes.has(code) ? code : message.slice(0, 200);
}
