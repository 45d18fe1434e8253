import { SettingError } from '@trainyard/contracts';
import type { RedisAddress } from './address.js';

/** Codes with which OpenSSL and Node.js refuse a certificate. */
const certificateCodes = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*|ERR_TLS_.*)$/;

/** May pass by itself: a failover, or a start while the server loads its data. */
export class PassingFault extends SettingError {}

export const leadsToSentinel = (cause?: unknown): SettingError =>
  new SettingError(
    'REDIS_URL',
    'leads to a sentinel, which keeps no data; use redis+sentinel://host1:26379,host2:26379/mymaster',
    { cause },
  );

export const leadsToCluster = (cause?: unknown): SettingError =>
  new SettingError(
    'REDIS_URL',
    'leads to a Redis Cluster, which cannot keep a queue; use a server with cluster mode disabled, ' +
      'or leave REDIS_URL out to have the queue in Postgres',
    { cause },
  );

/** The same error, or one that says what to change. */
export function explainRedisError(error: Error, { options, prefix }: RedisAddress): Error {
  const user = options.username || 'default';
  const { message } = error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const refused = (text: string) => new SettingError('REDIS_URL', text, { cause: error });
  if (error instanceof SettingError) return error;
  if (/No such master with that name/.test(message)) {
    return refused(`names sentinels that know no primary of the name "${options.name}"`);
  }
  if (/All sentinels are unreachable/.test(message) && /WRONGPASS|NOAUTH|NOPERM/.test(message)) {
    return refused('names sentinels that refuse the login; give theirs with ?sentinelPassword= and sentinelUsername=');
  }
  if (/WRONGPASS|invalid password|invalid username-password/i.test(message)) {
    return refused(`has a user or a password that the server refuses (user ${user})`);
  }
  if (/without any password configured|no password is set/i.test(message)) {
    return refused('has a password, but the server has none; leave it out');
  }
  if (/NOAUTH|operation not permitted/i.test(message)) {
    return refused('has no password, but the server asks for one: redis://:password@host:6379');
  }
  if (/NOPERM|No permissions/i.test(message)) {
    const needed = `ACL SETUSER ${user} ~${prefix}:* +@all -@admin -@dangerous +info`;
    return refused(`has a user who may not do what a queue needs (${firstLine(message)}); allow it with ${needed}`);
  }
  if (/CLUSTERDOWN|CROSSSLOT|MOVED|SELECT is not allowed in cluster/i.test(message)) return leadsToCluster(error);
  if (/READONLY/.test(message)) {
    return new PassingFault('REDIS_URL', 'leads to a replica, which takes no writes; it must lead to the primary', {
      cause: error,
    });
  }
  if (/\bOOM\b/.test(message)) {
    return new PassingFault('REDIS_URL', 'leads to a Redis whose memory is full; raise its maxmemory', {
      cause: error,
    });
  }
  if (certificateCodes.test(code)) {
    return refused(
      `leads to a server whose certificate is not accepted (${firstLine(message)}); add ?ca=/path/to/ca.pem, ` +
        'or ?rejectUnauthorized=false to accept any certificate',
    );
  }
  if (/alert certificate required|CERTIFICATE_REQUIRED|alert handshake failure/i.test(`${message} ${code}`)) {
    return refused('leads to a server that asks for a client certificate; add ?cert=/path/cert.pem&key=/path/key.pem');
  }
  if (/wrong version number|packet length too long|EPROTO/i.test(`${message} ${code}`)) {
    return refused('begins with rediss://, but the server does not speak TLS on that port; use redis://');
  }
  if (/before secure TLS connection/.test(message)) {
    const text =
      'begins with rediss://, but the server ends the handshake of TLS; use redis:// if it does not speak TLS';
    return new PassingFault('REDIS_URL', text, { cause: error });
  }
  if (/unknown command/i.test(message)) return refused(`leads to a server that lacks a command: ${firstLine(message)}`);
  return error;
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, 200);
