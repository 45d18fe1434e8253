import { SettingError, TrainyardError } from '@trainyard/contracts';
import type { PostgresUrl } from '@trainyard/process';

const setting = 'DATABASE_URL';

/** TLS errors of Node.js for a certificate that none of the known authorities has signed. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/**
 * What a server's first answers mean for its operator, as one sentence that begins with the setting; errors that have
 * nothing to do with the server are returned as they are.
 */
export function startError(error: unknown, { server, settings, schema, sslMode }: PostgresUrl): Error {
  if (error instanceof TrainyardError) return error;
  const { code = '', message } = error as Error & { code?: string };
  const refuse = (text: string) => new SettingError(setting, text, { cause: error });
  const role = settings.user ?? 'the role';
  if (untrusted.has(code)) {
    const remedy = 'name the authority in sslrootcert=/path/to/ca.pem, or encrypt without verifying: sslmode=require';
    return refuse(`has sslmode=${sslMode}, and the certificate of ${server} is of an unknown authority; ${remedy}`);
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return refuse(`has sslmode=${sslMode}, and the certificate of ${server} is of another host; use verify-ca`);
  }
  if (/^CERT_|^ERR_SSL_|^ERR_OSSL_/.test(code)) return refuse(`leads to ${server}, where TLS fails: ${message}`);
  if (/does not support SSL/.test(message)) {
    return refuse(`has sslmode=${sslMode}, but ${server} has no TLS; set sslmode=disable, or TLS up there`);
  }
  if (/unsupported startup parameter/.test(message)) {
    return refuse(`has parameters that the pooler at ${server} refuses (${message}); leave options out of the URL`);
  }
  switch (code) {
    case '28P01':
      return refuse(`has a user or password that ${server} refuses: ${message}`);
    case '28000':
      return refuse(`is refused by ${server}: ${message}`);
    case '3D000':
      return refuse(
        `names a database that does not exist at ${server}; create it: createdb ${settings.database ?? ''}`,
      );
    case '42501':
      return refuse(
        `has a role without the rights that are needed (${message}); as its owner: GRANT CREATE ON SCHEMA ` +
          `${schema ?? 'public'} TO "${role}"; GRANT CREATE ON DATABASE "${settings.database ?? role}" TO "${role}"`,
      );
    case '53300':
    case '53400':
      return refuse(`leads to ${server}, which has no connection left: ${message}`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refuse(`names the host of ${server}, which is not known (${code})`);
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return refuse(`leads to ${server}, where no Postgres answers (${code})`);
  }
  if (/timeout expired|Connection terminated/i.test(message)) {
    return refuse(`leads to ${server}, where no Postgres answers: ${message}`);
  }
  return error instanceof Error ? error : new Error(String(error));
}
