import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Link } from './proxyLink.js';

/**
 * A TCP proxy on 127.0.0.1 that behaves as a bad network does. Processes on this machine are the only clients, so a
 * proxy per process cuts off one alone.
 *
 * The kernel acknowledges what is sent to the proxy, so TCP's own timers (keepalive, TCP_USER_TIMEOUT) never fire on a
 * connection that the proxy lets down: only limits of the programs themselves do.
 */
export class TcpProxy {
  /** Where new connections go; a change leaves the old ones where they are, as the endpoint of a failover does. */
  target: number;
  /** Delay of everything, in each direction. */
  latencyMs = 0;
  /** Of each connection, in each direction; null: without a limit. */
  bytesPerSecond: number | null = null;
  /** Each connection is cut off after this many bytes of the server's answers; null: never. */
  cutAfterBytes: number | null = null;
  readonly #links = new Set<Link>();
  #server: Server | null = null;
  #port = 0;
  #blackHole = false;

  private constructor(target: number) {
    this.target = target;
  }

  /** Listens on a free port and forwards to the port `target`. */
  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** The same URL with the proxy's address. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.#port);
    return changed.href;
  }

  get blackHole(): boolean {
    return this.#blackHole;
  }

  /**
   * While true nothing passes, and no error is seen; afterwards everything that was sent arrives, as TCP would send it
   * again. New connections are accepted and reach the target when it is over.
   */
  set blackHole(on: boolean) {
    this.#blackHole = on;
    for (const link of this.#links) link.wake();
  }

  /**
   * Nothing passes on the present connections for ever, in both directions, not even their end; new ones work: as
   * behind a firewall that has lost its state, or after a machine has lost its power.
   *
   * @returns how many connections that hit.
   */
  loseConnections(): number {
    return [...this.#links].filter((link) => link.lose()).length;
  }

  /** Resets all connections, lost ones too. */
  resetConnections(): void {
    for (const link of this.#links) link.reset();
  }

  /** New connections are refused; the present ones stay. */
  refuse(): void {
    this.#server?.close();
    this.#server = null;
  }

  /** Ends `refuse`. */
  async accept(): Promise<void> {
    if (this.#server) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as { port: number }).port;
  }

  /** Ends every fault: connections that were lost stay lost. */
  async heal(): Promise<void> {
    this.latencyMs = 0;
    this.bytesPerSecond = null;
    this.cutAfterBytes = null;
    this.blackHole = false;
    await this.accept();
  }

  async close(): Promise<void> {
    this.refuse();
    this.resetConnections();
  }

  #serve(socket: Socket): void {
    const link = new Link(socket, this);
    this.#links.add(link);
    void link.run().finally(() => this.#links.delete(link));
  }
}

export const startProxy = (target: number): Promise<TcpProxy> => TcpProxy.start(target);
