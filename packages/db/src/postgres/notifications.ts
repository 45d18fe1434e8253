import pg from 'pg';

/**
 * Called with a notification's payload, or with null after the connection was lost and opened again: notifications may
 * have been missed, so read everything again.
 */
export type Listener = (payload: string | null) => void;

const retryMs = 1000;

/** Notifications of all channels over one connection, opened by the first listener and kept open until `close`. */
export class Notifications {
  #listeners = new Map<string, Set<Listener>>();
  #client: Promise<pg.Client> | null = null;
  #retry: NodeJS.Timeout | null = null;
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
    const client = await this.#client;
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return () => listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const client = await this.#client?.catch(() => null);
    await client?.end();
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'trainyard listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(payload ?? '');
    });
    client.on('error', () => {});
    client.once('end', () => this.#reconnect());
    await client.connect();
    for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    return client;
  }

  #reconnect(): void {
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
    }, retryMs);
  }
}
