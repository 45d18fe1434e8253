import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openQueue } from '@trainyard/queue';
import { eventually, startRedis } from '@trainyard/test-kit';
import getPort from 'get-port';
import { expect, onTestFinished, test } from 'vitest';
import { entry, startConsumer, succeeds } from './backends.js';

const command = async (port: number, ...words: string[]) =>
  (await promisify(execFile)('redis-cli', ['-p', String(port), ...words])).stdout;

async function startSentinel(folder: string, primary: number): Promise<number> {
  const port = await getPort();
  const file = join(folder, `${port}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    'requirepass watcher',
    'sentinel sentinel-pass watcher',
    `sentinel monitor mymaster 127.0.0.1 ${primary} 2`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 5000',
    'sentinel auth-pass mymaster secret',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  return port;
}

test('with sentinels, entries are added and delivered on whatever is the primary', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-sentinels-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const flags = ['--requirepass', 'secret', '--masterauth', 'secret'];
  const primary = await startRedis({ flags });
  const replica = await startRedis({ flags: [...flags, '--replicaof', '127.0.0.1', String(primary.port)] });
  onTestFinished(() => replica.stop());
  const ports: number[] = [];
  for (let i = 0; i < 3; i++) ports.push(await startSentinel(folder, primary.port));
  const known = async (port: number) => {
    const text = await command(port, '-a', 'watcher', '--no-auth-warning', 'INFO', 'sentinel').catch(() => '');
    return text.includes('slaves=1,sentinels=3');
  };
  await eventually('the sentinels', async () => (await Promise.all(ports.map(known))).every(Boolean), 30_000);

  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const redisUrl = `redis+sentinel://:secret@${hosts}/mymaster/2?sentinelPassword=watcher`;
  const queue = await openQueue({ redisUrl, databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  const handled = startConsumer(queue);
  await queue.add(entry('job_1'));
  await eventually('the first', () => handled.includes('job_1'));

  await primary.stop();
  const added = () => succeeds(() => queue.add(entry('job_2')));
  await eventually('an add', added, 40_000);
  await eventually('an entry after the failover', () => handled.includes('job_2'), 40_000);

  const plain = (url: string) => openQueue({ redisUrl: url, databaseUrl: null, onError: () => {} });
  await expect(plain(`redis://:watcher@127.0.0.1:${ports[0]}`)).rejects.toThrow('REDIS_URL leads to a sentinel');
  const unknown = redisUrl.replace('mymaster', 'other');
  await expect(plain(unknown)).rejects.toThrow('names sentinels that know no primary of the name "other"');
  await expect(plain(redisUrl.replace('=watcher', '=hidden'))).rejects.toThrow('sentinelPassword');
}, 120_000);
