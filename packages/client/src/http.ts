import { NoServiceError, problemOf, UnreachableError } from './errors.js';
import { resending } from './retry.js';

export type Fetch = typeof globalThis.fetch;

export interface ClientOptions {
  /** Where the API listens, e.g. `http://127.0.0.1:4600`; a path before `/v1` is kept. */
  baseUrl: string;
  /** Sent as `Authorization: Bearer`; null for the health probes, and in a browser that is signed in. */
  apiKey: string | null;
  /** For tests and for environments with a fetch of their own. */
  fetch?: Fetch;
}

export type QueryValue = string | number | boolean | undefined | readonly string[];
export type Query = Record<string, QueryValue>;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: unknown;
  /** A body that is no JSON; its media type is among the headers. */
  stream?: ReadableStream<Uint8Array>;
  /** A body of files. */
  form?: FormData;
  headers?: Record<string, string | undefined>;
  signal?: AbortSignal | undefined;
  /** Statuses outside 2xx that are answers and no problems. */
  expect?: readonly number[];
}

/** Sends requests to one service with one key. */
export class Http {
  readonly base: URL;
  private readonly apiKey: string | null;
  private readonly fetch: Fetch;

  constructor({ baseUrl, apiKey, fetch = globalThis.fetch }: ClientOptions) {
    this.base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
    this.apiKey = apiKey;
    this.fetch = fetch;
  }

  /**
   * A GET whose connection breaks before the answer begins is sent again, three times at most.
   * @throws ProblemError when the service answers with a problem; UnreachableError when it does not answer;
   *   the signal's reason when it was aborted.
   */
  send(path: string, options: RequestOptions = {}): Promise<Response> {
    return this.reading(options, () => this.sendOnce(path, options));
  }

  private reading<T>({ method = 'GET', signal }: RequestOptions, send: () => Promise<T>): Promise<T> {
    return method === 'GET' ? resending(send, signal) : send();
  }

  private async sendOnce(path: string, options: RequestOptions): Promise<Response> {
    const { method = 'GET', query = {}, body, stream, form, headers = {}, signal, expect = [] } = options;
    const response = await this.attempt(this.url(path, query), {
      method,
      headers: this.headers(headers, body),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(stream === undefined ? {} : { body: stream, duplex: 'half' as const }),
      ...(form === undefined ? {} : { body: form }),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok && !expect.includes(response.status)) throw await problemOf(response);
    return response;
  }

  /**
   * The JSON answer. It is not parsed by a schema: a client must accept the fields and names of a newer service.
   * @throws what `send` throws; UnreachableError when the connection breaks within the answer; NoServiceError.
   */
  async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const text = await this.text(path, options);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new NoServiceError(this.base.href);
    }
  }

  /**
   * The answer as text; a GET is sent again also where its connection breaks within the answer.
   * @throws what `send` throws; UnreachableError when the connection breaks within the answer.
   */
  text(path: string, options: RequestOptions = {}): Promise<string> {
    return this.reading(options, async () => {
      const response = await this.sendOnce(path, options);
      return response.text().catch((error: unknown) => {
        if (options.signal?.aborted) throw error;
        throw new UnreachableError(this.base.origin, error);
      });
    });
  }

  /** The answer as bytes, as they come. @throws what `text` throws */
  async *bytes(path: string, options: RequestOptions = {}): AsyncGenerator<Uint8Array> {
    const { body } = await this.send(path, options);
    try {
      if (body) yield* body;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new UnreachableError(this.base.origin, error);
    }
  }

  private async attempt(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new UnreachableError(this.base.origin, error);
    }
  }

  private url(path: string, query: Query): URL {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
    }
    return url;
  }

  private headers(given: Record<string, string | undefined>, body: unknown): Headers {
    const headers = new Headers({ accept: 'application/json' });
    if (this.apiKey) headers.set('authorization', `Bearer ${this.apiKey}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(given)) if (value !== undefined) headers.set(name, value);
    return headers;
  }
}
