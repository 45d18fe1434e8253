import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SettingError } from '@trainyard/contracts';
import { openQueue } from '@trainyard/queue';
import { eventually, startRedis } from '@trainyard/test-kit';
import { describe, expect, onTestFinished, test } from 'vitest';

const start = async (...flags: string[]) => {
  const server = await startRedis({ flags });
  onTestFinished(() => server.stop());
  return server;
};
const open = async (redisUrl: string) => {
  const queue = await openQueue({ redisUrl, databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  return queue;
};

async function refusal(redisUrl: string): Promise<string> {
  const error = await open(redisUrl).then(
    () => new Error('it was accepted'),
    (reason: Error) => reason,
  );
  expect(error, error.message).toBeInstanceOf(SettingError);
  expect(error.message).not.toMatch(/\n|hidden/);
  return error.message;
}

/** An entry is added and delivered. */
async function works(redisUrl: string): Promise<string[]> {
  const queue = await open(redisUrl);
  const handled: string[] = [];
  const consumer = queue.consume(async ({ jobId }) => void handled.push(jobId), { concurrency: 1 });
  for (const jobId of ['job_1', 'job_2']) {
    await queue.add([{ jobId, attempt: 1, priority: 0 }]);
    await eventually('the entry', () => handled.includes(jobId));
  }
  await eventually('an empty queue', async () => (await queue.counts()).active === 0);
  await consumer.close();
  await queue.checkWritable();
  return queue.warnings;
}

describe('a login', () => {
  test('that the server refuses is refused at once', async () => {
    const { port } = await start('--requirepass', 'right');
    const text = 'REDIS_URL has a user or a password that the server refuses (user default)';
    expect(await refusal(`redis://:hidden@127.0.0.1:${port}`)).toBe(text);
    expect(await refusal(`redis://someone:hidden@127.0.0.1:${port}`)).toContain('(user someone)');
    expect(await refusal(`redis://127.0.0.1:${port}`)).toContain('the server asks for one');
    await works(`redis://:right@127.0.0.1:${port}`);
  });

  test('that a server without a password gets is refused', async () => {
    const { port } = await start();
    expect(await refusal(`redis://:hidden@127.0.0.1:${port}`)).toContain('leave it out');
  });

  test('may have any character', async () => {
    const password = 'p@ss:w/o#r?d %41&=+é';
    const { port } = await start('--requirepass', password);
    await works(`redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/5`);
    await works(`redis://default:${encodeURIComponent(password)}@127.0.0.1:${port}?db=6`);
  });
});

describe('an ACL user', () => {
  const allow = async (...rules: string[]) => {
    const server = await start();
    await server.command('ACL', 'SETUSER', 'queue', 'on', '>secret', ...rules);
    return { server, url: `redis://queue:secret@127.0.0.1:${server.port}` };
  };
  // The rule that operations.md names.
  const rule = ['+@all', '-@admin', '-@dangerous', '+info'];

  test('with only the documented rule works, on its own prefix', async () => {
    const { server, url } = await allow('~ours:*', ...rule);
    await works(`${url}?prefix=ours`);
    expect(await server.command('KEYS', 'bull:*')).toBe('\n');
    expect(await server.command('KEYS', 'ours:*')).toContain('ours:trainyard:meta');
  });

  test('who may not use the keys, or a command, is refused with the rule', async () => {
    const other = await allow('~ours:*', ...rule);
    expect(await refusal(other.url)).toContain('ACL SETUSER queue ~bull:* +@all -@admin -@dangerous +info');
    const { url } = await allow('~bull:*', ...rule, '-bzpopmin');
    expect(await refusal(url)).toContain('bzpopmin');
    expect(await refusal((await allow('~bull:*', ...rule, '-evalsha', '-eval')).url)).toContain('eval');
  });

  test('who may not run INFO works, with a warning', async () => {
    const { url } = await allow('~bull:*', '+@all', '-@admin', '-@dangerous');
    expect(await works(url)).toEqual([expect.stringContaining('not let this user run INFO')]);
  });
});

describe('a server', () => {
  test('without the database is refused', async () => {
    const { url } = await start('--databases', '16');
    expect(await refusal(`${url}/99`)).toBe('REDIS_URL names the database 99, which the server does not have');
    await works(`${url}/15`);
  });

  test('of a cluster is refused', async () => {
    const { url, command } = await start('--cluster-enabled', 'yes');
    expect(await refusal(url)).toContain('REDIS_URL leads to a Redis Cluster');
    await command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    expect(await refusal(url)).toContain('REDIS_URL leads to a Redis Cluster');
  });

  test('that is a replica or full is waited for, and then refused', async () => {
    const { url, command } = await start();
    await command('REPLICAOF', '127.0.0.1', '1');
    const opened = open(url);
    await command('REPLICAOF', 'NO', 'ONE');
    await opened;
    await command('CONFIG', 'SET', 'maxmemory', '1mb');
    expect(await refusal(url)).toContain('memory is full');
  }, 30_000);

  test('that starts while it is waited for is used', async () => {
    const first = await start();
    await first.stop();
    const reasons: string[] = [];
    const onError = (error: Error) => void reasons.push(error.message);
    const opening = openQueue({ redisUrl: first.url, databaseUrl: null, onError });
    await eventually('a reason', () => reasons.length > 0);
    const second = await startRedis({ port: first.port });
    onTestFinished(() => second.stop());
    const queue = await opening;
    await queue.close();
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  test('that never starts is given up', async () => {
    const gone = await start();
    await gone.stop();
    await expect(open(gone.url)).rejects.toThrow(/did not answer within 10 s: .*ECONNREFUSED/);
  }, 30_000);
});

test.each([
  ['redis://h:1?tls=true', 'unknown parameter "tls"'],
  ['redis://h:1?ca=/x', 'does not begin with rediss://'],
  ['redis://h:1/abc', 'which is no number'],
  ['redis://:%zz@h:1', 'write it as %25'],
  ['redis+sentinel://h1,h2:1', 'lacks the name of the primary'],
  ['redis+sentinel://h1:x/m', 'names the host "h1:x"'],
  ['rediss://h:1?ca=/none/ca.pem', 'cannot be read'],
  ['rediss://h:1?rejectUnauthorized=0', 'neither true nor false'],
])('%s is refused', async (url, text) => {
  expect(await refusal(url)).toContain(text);
});

describe('TLS', () => {
  test('with a private certificate needs its authority, or no verification', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-tls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    await promisify(execFile)('openssl', [...request, '-keyout', key, '-out', cert]);
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    const server = await start('--tls-port', '0', ...files, '--tls-auth-clients', 'no');
    const { default: getPort } = await import('get-port');
    const port = await getPort();
    await server.command('CONFIG', 'SET', 'tls-port', String(port));
    const url = `rediss://127.0.0.1:${port}`;

    expect(await refusal(url)).toContain('?ca=/path/to/ca.pem');
    expect(await works(`${url}?ca=${cert}`)).not.toContainEqual(expect.stringContaining('any certificate'));
    const warnings = await works(`${url}?rejectUnauthorized=false`);
    expect(warnings).toContainEqual(expect.stringContaining('accepts any certificate'));
    expect(await refusal(server.url.replace('redis:', 'rediss:'))).toContain('redis:// if it does not speak TLS');

    await server.command('CONFIG', 'SET', 'tls-auth-clients', 'yes');
    expect(await refusal(`${url}?ca=${cert}`)).toContain('asks for a client certificate');
    await works(`${url}?ca=${cert}&cert=${cert}&key=${key}`);
  }, 60_000);

  test('is not needed on a socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-socket-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await start('--unixsocket', join(folder, 'redis.sock'));
    await works(`redis+unix://${folder}/redis.sock?db=3`);
  });
});
