import { type ProblemCode, TrainyardError } from '@trainyard/contracts';
import { retry, timeLimit } from '@trainyard/process';
import type { z } from 'zod';
import {
  type Experiment,
  errorSchema,
  experimentsSchema,
  historySchema,
  type Point,
  type Run,
  runsSchema,
} from './answers.js';

export interface MlflowAccess {
  /** MLFLOW_TRACKING_TOKEN. */
  token: string | null;
  /** MLFLOW_TRACKING_USERNAME and _PASSWORD, which win, as in MLflow's own clients. */
  user: string | null;
  password: string | null;
}

export interface MlflowOptions extends MlflowAccess {
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
  /** How long a server that is overloaded or does not answer is asked again. */
  retryMs?: number;
}

const pageSize = 1000;
const historyPageSize = 25_000;
/** A server that answers nothing for so long is away. */
const answerMs = 120_000;

const codes: Partial<Record<number, ProblemCode>> = { 401: 'unauthorized', 403: 'forbidden' };

/** The answer of an MLflow server that is none of a success. */
class MlflowError extends TrainyardError {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(codes[status] ?? 'invalid_input', message);
  }
}

/** Reads an MLflow server by its REST API, of MLflow 2 and 3. */
export class MlflowServer {
  /** Without user, password and a slash at its end: the name of the server. */
  readonly url: string;
  private readonly authorization: string | null;
  private answered = false;

  /** @throws TrainyardError for a text that is no URL of a server */
  constructor(
    url: string,
    private readonly options: MlflowOptions,
  ) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '') {
      throw new TrainyardError(
        'invalid_input',
        `${url} must be the URL of an MLflow server, like http://localhost:5000`,
      );
    }
    const given = { user: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) };
    this.authorization = authorizationOf(given.user === '' ? options : { ...options, ...given });
    parsed.username = '';
    parsed.password = '';
    this.url = parsed.href.replace(/\/+$/, '');
  }

  /** All that are not deleted. */
  async *experiments(): AsyncGenerator<Experiment> {
    let token: string | undefined;
    do {
      const body = { max_results: pageSize, view_type: 'ACTIVE_ONLY', page_token: token };
      const page = await this.post('experiments/search', body, experimentsSchema);
      yield* page.experiments;
      token = page.next_page_token;
    } while (token);
  }

  /** All that are not deleted, the oldest first: runs that begin meanwhile move none to another page. */
  async *runs(experimentId: string): AsyncGenerator<Run> {
    let token: string | undefined;
    do {
      const body = {
        experiment_ids: [experimentId],
        run_view_type: 'ACTIVE_ONLY',
        max_results: pageSize,
        order_by: ['attributes.start_time ASC'],
        page_token: token,
      };
      const page = await this.post('runs/search', body, runsSchema);
      yield* page.runs;
      token = page.next_page_token;
    } while (token);
  }

  /** Every value of a metric, as it was logged. */
  async history(runId: string, key: string): Promise<Point[]> {
    const points: Point[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ run_id: runId, metric_key: key, max_results: String(historyPageSize) });
      if (token) query.set('page_token', token);
      const page = await this.send(`metrics/get-history?${query}`, { method: 'GET' }, historySchema);
      points.push(...page.metrics);
      token = page.next_page_token;
    } while (token);
    return points;
  }

  private post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.send(path, { method: 'POST', body: JSON.stringify(body), headers }, schema);
  }

  private send<T>(path: string, init: RequestInit, schema: z.ZodType<T>): Promise<T> {
    const { retryMs = 60_000 } = this.options;
    return retry(() => this.sendOnce(path, init, schema), {
      firstPauseMs: 500,
      longestPauseMs: 10_000,
      forMs: retryMs,
      // A server that has never answered is more likely a wrong URL than one that restarts.
      isTransient: (error) => this.answered && !this.options.signal.aborted && passes(error),
    });
  }

  private async sendOnce<T>(path: string, init: RequestInit, schema: z.ZodType<T>): Promise<T> {
    const { signal, fetch } = this.options;
    const headers = new Headers(init.headers);
    if (this.authorization !== null) headers.set('authorization', this.authorization);
    const limited = AbortSignal.any([signal, timeLimit(answerMs)]);
    const answer = await fetch(`${this.url}/api/2.0/mlflow/${path}`, { ...init, headers, signal: limited })
      .then(async (response) => ({ status: response.status, ok: response.ok, text: await response.text() }))
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw new TrainyardError('unavailable', `cannot reach ${this.url}: ${reasonOf(error)}`, [], { cause: error });
      });
    this.answered = true;
    if (!answer.ok) throw new MlflowError(answer.status, this.refusal(answer.status, answer.text));
    const parsed = parsedBy(schema, answer.text);
    if (parsed !== null) return parsed;
    throw new MlflowError(200, `${this.url} answers to ${path.split('?')[0]} as no MLflow server does; check the URL`);
  }

  private refusal(status: number, text: string): string {
    const message = parsedBy(errorSchema, text)?.message;
    const said = message === undefined ? '' : `: ${message.split('\n')[0]?.slice(0, 500)}`;
    if (status === 401 || status === 403) {
      const remedy = 'set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD';
      return `${this.url} refuses with status ${status}${said}; ${remedy}`;
    }
    return `${this.url} refuses with status ${status}${said}`;
  }
}

const passes = (error: unknown): boolean =>
  error instanceof MlflowError
    ? [408, 429, 500, 502, 503, 504].includes(error.status)
    : error instanceof TrainyardError;

function authorizationOf({ token, user, password }: MlflowAccess): string | null {
  if (user !== null && password !== null) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return token === null ? null : `Bearer ${token}`;
}

function parsedBy<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** fetch's own message is "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.message;
}
