import type { SubmittedJob } from '@trainyard/contracts';
import type { Http } from './http.js';
import { type RetryOptions, retrying } from './retry.js';

/** A submission is sent again where the service is away or the connection breaks: four times, within 15 seconds. */
export interface SubmitOptions extends RetryOptions {
  /**
   * The same key with the same spec gives the same job, however often it is sent; with another spec, a problem.
   * Default: a random one for each call, so that a submission that is sent again makes no second job.
   */
  idempotencyKey?: string;
}

/** Posts what makes a job, under an idempotency key. */
export function sendSubmission(
  http: Http,
  path: string,
  body: unknown,
  { idempotencyKey = crypto.randomUUID(), signal, ...retry }: SubmitOptions,
): Promise<SubmittedJob> {
  const headers = { 'idempotency-key': idempotencyKey };
  return retrying(() => http.json(path, { method: 'POST', body, headers, signal }), { ...retry, signal });
}
