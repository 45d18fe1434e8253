import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { SettingError } from '@trainyard/contracts';

/*
 * A connection URL of Postgres as libpq's programs (psql, pg_dump) understand it. The library `pg` gives sslmode other
 * meanings, takes no `host` beside credentials, knows no schema, and lets options of the environment change what a URL
 * says; so it gets the parts, and no URL.
 */

/** How a connection is encrypted, with libpq's words. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** The parts that both `pg` and BullMQ take. */
export interface PostgresClientSettings {
  host?: string;
  port?: number;
  user?: string;
  password?: string;
  database?: string;
  /** Command-line options of the session (`-c name=value`); of the URL alone. */
  options?: string;
  ssl: ConnectionOptions | false;
  enableChannelBinding?: boolean;
  application_name?: string;
  connectionTimeoutMillis?: number;
}

export interface PostgresUrl {
  settings: PostgresClientSettings;
  sslMode: SslMode;
  /** Of the URL; null: that of the session. */
  schema: string | null;
  /** `host:port`, or the folder of a socket; for messages. */
  server: string;
}

const setting = 'DATABASE_URL';
const fail = (message: string, cause?: unknown): never => {
  throw new SettingError(setting, message, { cause });
};

const example = 'must be a URL like postgresql://user:password@host:5432/database';
const encode = 'write @ / : # ? and % within a password as %40 %2F %3A %23 %3F and %25';

const sslModes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** pg's own word for what libpq calls require. */
const aliases: Record<string, string> = { 'no-verify': 'require' };
/** Of the parameter `ssl`, which pg and others know. */
const sslWords: Record<string, string> = { true: 'verify-full', 1: 'verify-full', false: 'disable', 0: 'disable' };

/** Of libpq and of Prisma; without an effect here, or with the effect that the connections have anyway. */
const ignored = new Set([
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'uselibpqcompat',
  'client_encoding',
  'fallback_application_name',
  'statement_cache_size',
]);

/** @throws SettingError that names DATABASE_URL and what to change */
export function parsePostgresUrl(url: string): PostgresUrl {
  const [, authority = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(url.trim()) ?? fail(example);
  const at = authority.lastIndexOf('@');
  const [user, password] = at < 0 ? [] : split(authority.slice(0, at), ':');
  const params = new Map(new URLSearchParams(query));
  const take = (name: string): string | undefined => {
    const value = params.get(name);
    params.delete(name);
    return value === '' ? undefined : value;
  };
  const [host, port] = hostOf(take('host') ?? decode(authority.slice(at + 1)), take('port'));
  const isSocket = host?.startsWith('/') === true;
  const sslMode = sslModeOf(take('sslmode'), take('ssl'), isSocket);
  const parsed: PostgresUrl = {
    settings: {
      ...defined({
        host,
        port,
        user: take('user') ?? decode(user),
        password: take('password') ?? decode(password),
        database: take('dbname') ?? decode(path),
        options: take('options'),
        application_name: take('application_name'),
        connectionTimeoutMillis: secondsOf(take('connect_timeout')),
        enableChannelBinding: channelBinding(take('channel_binding')),
      }),
      ssl: sslOf(sslMode, {
        rootCertificate: take('sslrootcert'),
        certificate: take('sslcert'),
        key: take('sslkey'),
      }),
    },
    sslMode,
    schema: schemaOf(take('schema')),
    server: isSocket ? (host as string) : `${host ?? 'localhost'}:${port ?? 5432}`,
  };
  refuseOthers(take, params);
  return parsed;
}

/**
 * The URL with what was found out about the server: whether it has TLS, and the schema.
 * @param changes values of parameters of the URL
 */
export function withPostgresParameters(url: string, changes: Record<string, string>): string {
  const [base = '', query = ''] = split(url, '?');
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) params.set(name, value);
  return `${base}?${params}`;
}

function refuseOthers(take: (name: string) => string | undefined, params: Map<string, string>): void {
  if (take('pgbouncer') === 'true') {
    fail(
      'says pgbouncer=true: a pooler in transaction mode cannot be used; name the direct port, or one in session mode',
    );
  }
  const attributes = take('target_session_attrs') ?? 'any';
  if (!['any', 'read-write', 'primary'].includes(attributes)) {
    fail(`has target_session_attrs=${attributes}; a server that takes writes is needed: leave it out`);
  }
  for (const name of ['connection_limit', 'pool_timeout']) {
    if (params.has(name)) fail(`has ${name}; set TRAINYARD_DATABASE_CONNECTIONS instead and leave it out`);
  }
  const [unknown] = [...params.keys()].filter((name) => !ignored.has(name));
  if (unknown !== undefined) fail(`has the parameter ${unknown}, which is not known; leave it out`);
}

/** `a:b:c` -> `['a', 'b:c']` */
function split(text: string, by: string): [string, string?] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return fail(`has a "%" that begins no encoded character; ${encode}`, error);
  }
}

function hostOf(text: string | undefined, portParameter: string | undefined): [string?, number?] {
  if (text === undefined) return [undefined, portOf(portParameter)];
  if (text.includes(',')) fail('names several servers; name the one that takes writes, or an endpoint that follows it');
  const socket = /^(\/.*?)(?::(\d+))?$/.exec(text);
  if (socket) return [socket[1], portOf(portParameter ?? socket[2])];
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::(.*))?$/i.exec(text) ?? fail(`${example}; ${encode}`);
  return [host?.replace(/^\[|\]$/g, '') || undefined, portOf(portParameter ?? port)];
}

/** Shorter than Postgres allows, since the queue's schema has a longer name. */
function schemaOf(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(name)) {
    fail(`has the schema "${name}"; write up to 48 lower-case letters, digits and "_", beginning with a letter`);
  }
  return name;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535)
    fail(`has the port "${text}", which is no number; ${encode}`);
  return port;
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) fail(`has connect_timeout=${text}; write a whole number of seconds`);
  // libpq takes 0 for no limit, and no wait is without one here.
  return text === '0' ? undefined : Number(text) * 1000;
}

function channelBinding(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'disable') return undefined;
  if (text !== 'prefer' && text !== 'require') fail(`has channel_binding=${text}; write prefer, require or disable`);
  return true;
}

function sslModeOf(mode: string | undefined, ssl: string | undefined, isSocket: boolean): SslMode {
  if (isSocket) return 'disable';
  const known = aliases[mode ?? ''] ?? mode ?? (ssl === undefined ? 'prefer' : (sslWords[ssl] ?? ssl));
  if (!sslModes.includes(known)) fail(`has sslmode=${known}; write one of ${sslModes.join(', ')}`);
  return known as SslMode;
}

interface SslFiles {
  rootCertificate: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
}

/**
 * As libpq (https://www.postgresql.org/docs/current/libpq-ssl.html): require does not verify the server's certificate
 * unless a root certificate is given; verify-ca verifies it, verify-full also that it is of this host. Without a root
 * certificate, those that Node.js trusts count (libpq: ~/.postgresql/root.crt).
 */
function sslOf(mode: SslMode, { rootCertificate, certificate, key }: SslFiles): ConnectionOptions | false {
  // `openPostgres` of the package db finds out for prefer and allow whether the server has TLS.
  if (mode === 'disable' || mode === 'prefer' || mode === 'allow') return false;
  const isPrivate = rootCertificate !== undefined && rootCertificate !== 'system';
  const files = defined({
    ca: isPrivate ? read('sslrootcert', rootCertificate) : undefined,
    cert: certificate === undefined ? undefined : read('sslcert', certificate),
    key: key === undefined ? undefined : read('sslkey', key),
  });
  if (mode === 'verify-full' || rootCertificate === 'system') return files;
  const isVerified = mode === 'verify-ca' || (mode === 'require' && isPrivate);
  return isVerified ? { ...files, checkServerIdentity: () => undefined } : { ...files, rejectUnauthorized: false };
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(`names a file in ${name} that cannot be read (${code}): ${file}`, error);
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
