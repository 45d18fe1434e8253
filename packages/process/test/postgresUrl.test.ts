import { SettingError } from '@trainyard/contracts';
import { expect, it, test } from 'vitest';
import { parsePostgresUrl, withPostgresParameters } from '../src/index.js';

const settingsOf = (url: string) => {
  const { ssl: _ssl, ...settings } = parsePostgresUrl(url).settings;
  return settings;
};

test.each([
  ['postgres://u:p@h:5433/d', { user: 'u', password: 'p', host: 'h', port: 5433, database: 'd' }],
  ['postgresql://h', { host: 'h' }],
  ['postgresql:///d?host=/var/run/postgresql&user=u', { host: '/var/run/postgresql', user: 'u', database: 'd' }],
  [
    'postgresql://u:p@/d?host=/run/pg&port=5555',
    { host: '/run/pg', port: 5555, user: 'u', password: 'p', database: 'd' },
  ],
  ['postgresql://u@%2Fvar%2Frun:5434/d', { host: '/var/run', port: 5434, user: 'u', database: 'd' }],
  ['postgres://[::1]:6000/d', { host: '::1', port: 6000, database: 'd' }],
  [
    'postgres://u:p%40ss%3Aw%2Fo%23r%3Fd%20%25@h/d_sp%C3%A9cial',
    {
      user: 'u',
      password: 'p@ss:w/o#r?d %',
      host: 'h',
      database: 'd_spécial',
    },
  ],
  ['postgres://u:a@b@h/d', { user: 'u', password: 'a@b', host: 'h', database: 'd' }],
  [
    'postgres://h/d?options=-cwork_mem%3D8MB&application_name=x&connect_timeout=3',
    {
      host: 'h',
      database: 'd',
      options: '-cwork_mem=8MB',
      application_name: 'x',
      connectionTimeoutMillis: 3000,
    },
  ],
  [
    'postgres://h/d?sslmode=require&channel_binding=require&target_session_attrs=read-write',
    {
      host: 'h',
      database: 'd',
      enableChannelBinding: true,
    },
  ],
])('%s', (url, expected) => {
  expect(settingsOf(url)).toEqual(expected);
});

test.each([
  ['mysql://h/d', 'must be a URL like'],
  ['postgres://u:p/w@h/d', 'within a password as %40'],
  ['postgres://u:100%@h/d', 'begins no encoded character'],
  ['postgres://a,b/d', 'names several servers'],
  ['postgres://h/d?sslmode=maybe', 'sslmode=maybe; write one of disable, allow'],
  [
    'postgres://h/d?sslmode=verify-ca&sslrootcert=/no/such.pem',
    'sslrootcert that cannot be read (ENOENT): /no/such.pem',
  ],
  ['postgres://h/d?pgbouncer=true', 'in session mode'],
  ['postgres://h/d?connection_limit=5', 'TRAINYARD_DATABASE_CONNECTIONS'],
  ['postgres://h/d?schema=My-Schema', 'up to 48 lower-case letters'],
  ['postgres://h/d?target_session_attrs=standby', 'a server that takes writes is needed'],
  ['postgres://h/d?colour=red', 'the parameter colour, which is not known'],
])('%s is refused', (url, message) => {
  expect(() => parsePostgresUrl(url)).toThrow(SettingError);
  expect(() => parsePostgresUrl(url)).toThrow(message);
  expect(() => parsePostgresUrl(url)).toThrow(/^DATABASE_URL /);
});

it('verifies certificates as libpq does', () => {
  const ssl = (query: string) => parsePostgresUrl(`postgres://h/d?${query}`).settings.ssl;
  expect(ssl('sslmode=disable')).toBe(false);
  expect(ssl('sslmode=require')).toEqual({ rejectUnauthorized: false });
  expect(ssl('sslmode=verify-full')).toEqual({});
  expect(ssl('sslmode=require&sslrootcert=system')).toEqual({});
  expect(ssl('sslmode=verify-ca')).toHaveProperty('checkServerIdentity');
  expect(parsePostgresUrl('postgres:///d?host=/run&sslmode=verify-full').settings.ssl).toBe(false);
});

it('changes parameters and keeps the rest', () => {
  expect(withPostgresParameters('postgres://u:p@/d?host=%2Frun&a=1', { schema: 's' })).toBe(
    'postgres://u:p@/d?host=%2Frun&a=1&schema=s',
  );
});
