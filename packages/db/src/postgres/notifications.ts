import { Backoff } from '@trainyard/process';
import pg from 'pg';
import { destroyConnection } from './poolClient.js';
import { sessionOf } from './session.js';

/**
 * Called with a notification's payload, or with null after the connection was lost and opened again: notifications may
 * have been missed, so read everything again.
 */
export type Listener = (payload: string | null) => void;

const firstRetryMs = 1000;
const longestRetryMs = 15_000;
/** How often the connection is tried: notifications come rarely, and a network may have lost it silently. */
const checkMs = 15_000;
const answerMs = 10_000;

/** Notifications of all channels over one connection, opened by the first listener and kept open until `close`. */
export class Notifications {
  #listeners = new Map<string, Set<Listener>>();
  #client: Promise<pg.Client> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #check: NodeJS.Timeout | undefined;
  readonly #backoff = new Backoff(firstRetryMs, longestRetryMs);
  #closed = false;

  constructor(readonly url: string) {}

  /**
   * Resolves once notifications of the channel arrive.
   *
   * @returns a function that removes the listener.
   */
  async listen(channel: string, listener: Listener): Promise<() => void> {
    if (this.#closed) throw new Error('the database is closed');
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    this.#client ??= this.#connect();
    const client = await this.#client.catch((error) => {
      this.#reconnect();
      throw error;
    });
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return () => listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    clearTimeout(this.#check);
    const client = await this.#client?.catch(() => null);
    await client?.end();
  }

  async #connect(): Promise<pg.Client> {
    const { config, statement } = sessionOf(this.url, { statementSeconds: answerMs / 1000 });
    const client = new pg.Client({
      connectionTimeoutMillis: answerMs,
      ...config,
      application_name: 'trainyard listen',
      query_timeout: answerMs,
    });
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload ?? '');
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(statement);
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      // A standby refuses LISTEN: without an end, each try would leave a connection.
      await client.end().catch(() => undefined);
      throw error;
    }
    client.once('end', () => this.#reconnect());
    this.#checkLater(client);
    return client;
  }

  #checkLater(client: pg.Client): void {
    this.#check = setTimeout(async () => {
      try {
        await client.query('SELECT 1');
        this.#backoff.reset();
        if (!this.#closed) this.#checkLater(client);
      } catch {
        // Not `end`, which waits for the server.
        destroyConnection(client);
      }
    }, checkMs).unref();
  }

  #reconnect(): void {
    clearTimeout(this.#check);
    if (this.#closed || this.#retry) return;
    this.#retry = setTimeout(async () => {
      this.#retry = null;
      this.#client = this.#connect();
      try {
        await this.#client;
        for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(null);
      } catch {
        this.#reconnect();
      }
    }, this.#backoff.next());
  }
}
