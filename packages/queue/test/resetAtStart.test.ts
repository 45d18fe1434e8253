import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SettingError } from '@trainyard/contracts';
import { openQueue } from '@trainyard/queue';
import { expect, onTestFinished, test } from 'vitest';
import { onEachBackend } from './backends.js';

/** A port that forwards to `target`, but resets the connections that `isReset` names by their number, from 1 on. */
async function startReset(target: number, isReset: (connection: number) => boolean): Promise<number> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    connections += 1;
    if (isReset(connections)) {
      socket.once('data', () => socket.resetAndDestroy());
      return;
    }
    const other = connect(target, '127.0.0.1');
    sockets.add(other);
    other.on('error', () => socket.destroy());
    socket.pipe(other).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const through = (url: string, port: number): string => {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
};

onEachBackend(({ connection }, backend) => {
  test('a queue is opened although its first connections are reset', async () => {
    const url = connection().redisUrl ?? connection().databaseUrl ?? '';
    // The first connection to Redis checks the server.
    const first = backend === 'redis' ? 2 : 1;
    const port = await startReset(Number(new URL(url).port), (number) => number >= first && number < first + 3);
    const own = through(url, port);
    const urls = backend === 'redis' ? { redisUrl: own, databaseUrl: null } : { redisUrl: null, databaseUrl: own };
    const reports: Error[] = [];
    const queue = await openQueue({ ...urls, onError: (error) => void reports.push(error) });
    onTestFinished(() => queue.close());
    await queue.add([{ jobId: 'job_1', attempt: 1, priority: 0 }]);
    expect(await queue.has([{ jobId: 'job_1', attempt: 1 }])).toEqual([true]);
    expect(reports.map(({ message }) => message).join()).toMatch(/ECONNRESET|terminated|closed/);
  });
});

test('a server that resets every connection is refused in one sentence', async () => {
  const port = await startReset(1, () => true);
  const opened = openQueue({ redisUrl: `redis://127.0.0.1:${port}`, databaseUrl: null, onError: () => {} });
  const error = await opened.catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(SettingError);
  expect((error as Error).message).toMatch(/^REDIS_URL leads to a server that did not answer within 10 s: .*$/);
});
