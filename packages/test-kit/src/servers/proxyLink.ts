import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a link reads of its proxy, at every step, so that a change has its effect on present connections too. */
interface Network {
  readonly target: number;
  readonly latencyMs: number;
  readonly bytesPerSecond: number | null;
  readonly cutAfterBytes: number | null;
  readonly blackHole: boolean;
}

/** Something that one side did, and when. */
type Sent = { what: Buffer | 'end' | 'reset'; at: number };

/** More is left unread, so that the sender is slowed down. */
const readAheadBytes = 1_000_000;

/** One connection through a proxy. */
export class Link {
  #lost = false;
  #over = false;
  /** Bytes that the server has sent. */
  #answered = 0;
  readonly #sockets: Socket[];
  #wake: (() => void)[] = [];

  constructor(
    private readonly client: Socket,
    private readonly network: Network,
  ) {
    this.#sockets = [client];
    // An error is followed by `close`, which is handled. Without a listener it would end the process.
    client.on('error', () => {});
  }

  /** Ends when the connection has ended on both sides. */
  async run(): Promise<void> {
    await this.#until(() => !this.network.blackHole || this.#lost);
    if (this.#over || this.client.destroyed) return;
    if (this.#lost) return this.#swallow();
    const server = connect({ port: this.network.target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    server.on('error', () => {});
    this.#sockets.push(server);
    await Promise.all([this.#pass(this.client, server), this.#pass(server, this.client)]);
    if (this.#lost && !this.#over) await this.#swallow();
  }

  /** Lets waiting steps look again at the network. */
  wake(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resume of waiting) resume();
  }

  /** Returns false when it was lost before. */
  lose(): boolean {
    if (this.#lost || this.#over) return false;
    this.#lost = true;
    this.wake();
    return true;
  }

  reset(): void {
    this.#over = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#over) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** Hands on what `from` sends, in its order, until one side has ended. */
  async #pass(from: Socket, to: Socket): Promise<void> {
    const queue: Sent[] = [];
    let waiting = 0;
    const push = (what: Sent['what']) => {
      queue.push({ what, at: performance.now() });
      if (typeof what !== 'string') waiting += what.length;
      if (waiting > readAheadBytes) from.pause();
      this.wake();
    };
    from.on('data', push);
    from.once('end', () => push('end'));
    from.once('close', () => push('reset'));
    for (;;) {
      await this.#until(() => this.#lost || (queue.length > 0 && !this.network.blackHole));
      if (this.#lost || this.#over) break;
      const { what, at } = queue[0] as Sent;
      const early = at + this.network.latencyMs - performance.now();
      if (early > 0) {
        await sleep(early);
        continue;
      }
      queue.shift();
      if (what === 'end') {
        to.end();
        break;
      }
      if (what === 'reset') {
        this.reset();
        break;
      }
      await this.#write(to, what);
      waiting -= what.length;
      if (waiting <= readAheadBytes) from.resume();
    }
    from.off('data', push).resume();
  }

  async #write(to: Socket, bytes: Buffer): Promise<void> {
    const { bytesPerSecond } = this.network;
    if (bytesPerSecond) await sleep((bytes.length / bytesPerSecond) * 1000);
    if (to.destroyed) return this.reset();
    const { cutAfterBytes } = this.network;
    if (to === this.client && cutAfterBytes !== null) {
      const left = cutAfterBytes - this.#answered;
      this.#answered += bytes.length;
      // A reset throws away what the kernel has not sent yet, so the rest is handed over first.
      if (bytes.length >= left) return void to.write(bytes.subarray(0, Math.max(left, 0)), () => this.reset());
    }
    if (!to.write(bytes)) {
      const drained = new AbortController();
      await Promise.race([once(to, 'drain', drained), once(to, 'close', drained)]).catch(() => {});
      drained.abort();
    }
  }

  /** Reads and forgets, and answers no end, until both sides have given up. */
  async #swallow(): Promise<void> {
    const open = this.#sockets.filter((socket) => !socket.destroyed);
    await Promise.all(open.map((socket) => once(socket.resume(), 'close').catch(() => {})));
  }
}
