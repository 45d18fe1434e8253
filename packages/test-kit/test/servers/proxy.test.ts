import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, startProxy, type TcpProxy } from '../../src/index.js';

/** Answers every chunk with its name and the chunk. */
class Answering {
  readonly sockets: Socket[] = [];
  readonly server: Server;
  received = '';

  constructor(readonly name: string) {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        this.received += chunk;
        socket.write(`${name}:${chunk}`);
      });
    });
  }

  async listen(): Promise<this> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** What a client sees of its connection. */
class Caller {
  received = '';
  ended = '';
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.received += chunk;
    });
    this.socket.once('end', () => {
      this.ended ||= 'end';
    });
    this.socket.once('error', (error: NodeJS.ErrnoException) => {
      this.ended ||= error.code as string;
    });
  }

  send(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  receives = (text: string) => eventually(`an answer ${text}`, () => this.received === text);
  ends = () => eventually('an end of the connection', () => this.ended || null);
}

describe('a proxy', () => {
  let server: Answering;
  let proxy: TcpProxy;
  const callers: Caller[] = [];
  const call = (port = proxy.port) => {
    const caller = new Caller(port);
    callers.push(caller);
    return caller;
  };

  beforeEach(async () => {
    server = await new Answering('a').listen();
    proxy = await startProxy(server.port);
  });

  afterEach(async () => {
    for (const { socket } of callers.splice(0)) socket.destroy();
    await proxy.close();
    server.close();
  });

  test('forwards bytes and the end in both directions', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    caller.socket.end();
    expect(await caller.ends()).toBe('end');
    const other = call().send('two');
    await other.receives('a:two');
    server.sockets[1]?.end();
    expect(await other.ends()).toBe('end');
  });

  test('forwards more than it holds in memory, in order', async () => {
    const sent = Buffer.alloc(20_000_000, '0123456789');
    const source = createServer((socket) => socket.end(sent));
    await once(source.listen(0, '127.0.0.1'), 'listening');
    proxy.target = (source.address() as AddressInfo).port;
    const caller = call();
    const chunks: Buffer[] = [];
    caller.socket.removeAllListeners('data').on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await caller.ends()).toBe('end');
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    source.close();
  });

  test('gives a URL its own address', () => {
    expect(proxy.through('postgres://u:p@localhost:1/d?a=b')).toBe(`postgres://u:p@127.0.0.1:${proxy.port}/d?a=b`);
  });

  test('resets a connection when its target refuses it, and passes on the reset of one side', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    server.sockets[0]?.resetAndDestroy();
    expect(await caller.ends()).toBe('ECONNRESET');
    server.close();
    expect(await call().ends()).toBe('ECONNRESET');
  });

  test('delays everything in each direction', async () => {
    proxy.latencyMs = 150;
    const begin = performance.now();
    const caller = call().send('one');
    await sleep(50);
    caller.send('two');
    await caller.receives('a:onea:two');
    // Twice the latency; the second message did not wait for the first.
    expect(performance.now() - begin).toBeGreaterThan(345);
  });

  test('limits the bandwidth', async () => {
    proxy.bytesPerSecond = 1_000_000;
    const begin = performance.now();
    const caller = call().send(Buffer.alloc(300_000, 'x'));
    await eventually('all bytes', () => caller.received.replaceAll('a:', '').length === 300_000);
    expect(performance.now() - begin).toBeGreaterThan(295);
  });

  test('as a black hole holds everything back, and hands it on afterwards', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    proxy.blackHole = true;
    caller.send('two');
    const other = call().send('three');
    server.sockets[0]?.write('late');
    await sleep(100);
    expect([caller.received, other.received, server.received]).toEqual(['a:one', '', 'one']);
    expect([caller.ended, other.ended, server.sockets.length]).toEqual(['', '', 1]);
    proxy.blackHole = false;
    await caller.receives('a:onelatea:two');
    await other.receives('a:three');
  });

  test('loses connections: nothing passes on them for ever, not even their end; new ones work', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    expect(proxy.loseConnections()).toBe(1);
    caller.send('two');
    server.sockets[0]?.end('late');
    await proxy.heal();
    const other = call().send('three');
    await other.receives('a:three');
    await sleep(100);
    expect([caller.received, caller.ended, server.received]).toEqual(['a:one', '', 'onethree']);
    caller.socket.end();
    await sleep(100);
    expect(server.sockets[0]?.readableEnded).toBe(false);
    expect(caller.ended).toBe('');
    expect(proxy.loseConnections()).toBe(1);
  });

  test('resets all connections', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    proxy.loseConnections();
    const other = call().send('two');
    await other.receives('a:two');
    proxy.resetConnections();
    expect(await caller.ends()).toBe('ECONNRESET');
    expect(await other.ends()).toBe('ECONNRESET');
    await call().send('three').receives('a:three');
  });

  test('cuts each connection after a number of bytes of its answer', async () => {
    proxy.cutAfterBytes = 5;
    for (let i = 0; i < 2; i++) {
      const caller = call().send('123456789');
      // The kernel may report the reset as an end, where it comes together with the last bytes.
      expect(['end', 'ECONNRESET']).toContain(await caller.ends());
      expect(caller.received).toBe('a:123');
    }
    await proxy.heal();
    await call().send('123456789').receives('a:123456789');
  });

  test('refuses new connections, and keeps the present ones', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    const { port } = proxy;
    proxy.refuse();
    expect(await call(port).ends()).toBe('ECONNREFUSED');
    await caller.send('two').receives('a:onea:two');
    await proxy.accept();
    await call(port).send('three').receives('a:three');
  });

  test('sends new connections to another target, and keeps the present ones', async () => {
    const caller = call().send('one');
    await caller.receives('a:one');
    const other = await new Answering('b').listen();
    proxy.target = other.port;
    await call().send('two').receives('b:two');
    await caller.send('three').receives('a:onea:three');
    other.close();
  });
});
