import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { SettingError } from '@trainyard/contracts';
import type { RedisOptions } from 'ioredis';

export type RedisAddress = {
  options: RedisOptions;
  /** Begins every key of the queue. */
  prefix: string;
};

const parameters = [
  'db',
  'family',
  'prefix',
  'ca',
  'cert',
  'key',
  'servername',
  'rejectUnauthorized',
  'sentinelUsername',
  'sentinelPassword',
];
const defaultPort = 6379;
const defaultSentinelPort = 26379;

const refuse = (text: string, cause?: unknown): SettingError => new SettingError('REDIS_URL', text, { cause });

/**
 * Understands `redis://`, `rediss://` (TLS), `redis+unix://` (a socket's path), and `redis+sentinel://` or
 * `rediss+sentinel://` with several hosts and the name of the primary as path.
 *
 * @throws SettingError that says what is wrong with the URL.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const [, scheme = '', login = '', hosts = '', path = '', query = ''] =
    /^([a-z+]+):\/\/(?:([^@/?]*)@)?([^/?]*)([^?]*)(?:\?(.*))?$/i.exec(text) ?? [];
  const kind = scheme.toLowerCase();
  const values = new Map(new URLSearchParams(query));
  for (const name of values.keys()) {
    if (!parameters.includes(name)) {
      throw refuse(`has the unknown parameter "${name}"; it may have ${parameters.join(', ')}`);
    }
  }
  const [user = '', ...password] = login.split(':').map(decode);
  const options: RedisOptions = {
    ...(user !== '' && { username: user }),
    ...(password.length > 0 && { password: password.join(':') }),
    ...(values.has('family') && { family: Number(values.get('family')) }),
  };
  const tls = kind.startsWith('rediss') ? tlsOptions(values) : undefined;
  if (tls) options.tls = tls;
  else if (['ca', 'cert', 'key', 'rejectUnauthorized'].some((name) => values.has(name))) {
    throw refuse('has settings of TLS, but does not begin with rediss://');
  }
  const segments = path.split('/').slice(1).map(decode);
  if (kind === 'redis+unix') {
    options.path = `${decode(hosts)}${decode(path)}`;
    options.db = database(values.get('db'));
  } else if (kind === 'redis+sentinel' || kind === 'rediss+sentinel') {
    Object.assign(options, sentinelOptions(hosts, segments[0], values, tls));
    options.db = database(segments[1] ?? values.get('db'));
  } else if (kind === 'redis' || kind === 'rediss') {
    Object.assign(options, hostAndPort(hosts || '127.0.0.1', defaultPort));
    options.db = database(segments[0] || values.get('db'));
  } else {
    throw refuse('must be a URL like redis://:password@host:6379');
  }
  return { options, prefix: values.get('prefix') || 'bull' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw refuse('contains a % that begins no code; write it as %25', error);
  }
}

function database(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) throw refuse(`names the database "${text}", which is no number`);
  return Number(text);
}

function hostAndPort(text: string, port: number): { host: string; port: number } {
  const [, host, portText] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined) throw refuse(`names the host "${text}", which is not of the form host:port`);
  return { host: decode(host.replace(/^\[|\]$/g, '')), port: portText === undefined ? port : Number(portText) };
}

function sentinelOptions(
  hosts: string,
  name: string | undefined,
  values: Map<string, string>,
  tls: TlsOptions | undefined,
): RedisOptions {
  if (!name) throw refuse('lacks the name of the primary: redis+sentinel://host1:26379,host2:26379/mymaster');
  const username = values.get('sentinelUsername');
  const password = values.get('sentinelPassword');
  return {
    name,
    sentinels: hosts.split(',').map((host) => hostAndPort(host, defaultSentinelPort)),
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
    // Not failoverDetector: where it sees a failover while a connection is being opened, ioredis never opens it again.
  };
}

function tlsOptions(values: Map<string, string>): TlsOptions {
  const options: TlsOptions = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = values.get(name);
    if (file === undefined) continue;
    try {
      options[name] = readFileSync(file);
    } catch (error) {
      throw refuse(`names the file ${file} (${name}), which cannot be read: ${(error as Error).message}`, error);
    }
  }
  const verify = values.get('rejectUnauthorized');
  if (verify !== undefined && verify !== 'true' && verify !== 'false') {
    throw refuse('has a rejectUnauthorized that is neither true nor false');
  }
  const servername = values.get('servername');
  return { ...options, rejectUnauthorized: verify !== 'false', ...(servername !== undefined && { servername }) };
}
