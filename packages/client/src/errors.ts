import { type Problem, type ProblemCode, problemSchema, TrainyardError } from '@trainyard/contracts';

/** The service refused a request or failed at it; carries its `application/problem+json` answer. */
export class ProblemError extends TrainyardError {
  constructor(
    readonly problem: Problem,
    /** Seconds after which the service said to try again; null where it did not. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(problem.code, problem.detail ?? problem.title, problem.errors ?? []);
  }

  /** HTTP status. */
  get status(): number {
    return this.problem.status;
  }

  /** Every fault of the input, each with a JSON pointer; empty for other problems. */
  get errors() {
    return this.faults;
  }
}

/** Nothing answered at the service's address, or the connection broke. */
export class UnreachableError extends TrainyardError {
  constructor(baseUrl: string, cause: unknown) {
    super('unavailable', `cannot reach ${baseUrl}: ${reasonOf(cause)}`, [], { cause });
  }
}

/** Something answered that is no Trainyard service: a page of a proxy or of another server, with status 200. */
export class NoServiceError extends TrainyardError {
  constructor(baseUrl: string) {
    super('invalid_input', `${baseUrl} answers, but is no Trainyard service (its answer is not JSON); check the URL`);
  }
}

/**
 * Whether a retry may succeed: the service was unreachable or overloaded, or the connection broke. A quota does not
 * pass by itself.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof ProblemError
    ? error.status >= 500 || error.code === 'rate_limited'
    : !(error instanceof NoServiceError);

/** What Retry-After of an answer asks for; 0 for other errors. */
export const retryAfterMs = (error: unknown): number =>
  error instanceof ProblemError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;

/** fetch's own message is "fetch failed"; the reason is in its cause, or in the errors of an AggregateError below. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.message;
}

const codesOfStatus: Partial<Record<number, ProblemCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'payload_too_large',
  429: 'rate_limited',
};

/** The problem of an answer outside 2xx; created from the status when the body is none (a proxy's error page). */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = problemSchema.safeParse(body);
  const problem: Problem = parsed.success
    ? parsed.data
    : {
        type: 'about:blank',
        title: `${response.status} ${response.statusText}`.trim(),
        status: response.status,
        code: codesOfStatus[response.status] ?? (response.status >= 500 ? 'unavailable' : 'invalid_input'),
      };
  return new ProblemError(problem, secondsOf(response.headers.get('retry-after')));
}

/** Retry-After is a number of seconds, or the time itself (RFC 9110 10.2.3). */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(Math.ceil(seconds), 0) : null;
}
