import { SettingError } from '@trainyard/contracts';
import type { PostgresClientSettings } from '@trainyard/process';

/** SQLSTATE of a server, a database or a role that has no connection left, and of a server that is still starting. */
const passing = new Set(['53300', '53400', '57P03']);

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** Whether the server has no connection left; another try may find one. */
export const lacksConnection = (error: unknown): boolean =>
  passing.has(codeOf(error)) || /no more connections allowed/i.test(String(error));

/** The same error, or one that says what to change. */
export function explainPostgresError(error: Error, settings: PostgresClientSettings, schema: string): Error {
  const refused = (text: string) => new SettingError('DATABASE_URL', text, { cause: error });
  if (codeOf(error) === '42501') {
    const grant = `GRANT CREATE ON DATABASE "${settings.database}" TO "${settings.user}"`;
    const lacks = `has a role that may not create or use the queue's schema ${schema} (${error.message})`;
    return refused(`${lacks}; as the database's owner: ${grant}, or set REDIS_URL`);
  }
  if (/unsupported startup parameter/i.test(error.message)) {
    const remedy = 'set ignore_startup_parameters = options in PgBouncer, name the port of the server itself';
    return refused(`leads to a pooler that refuses a parameter which the queue sends; ${remedy}, or set REDIS_URL`);
  }
  if (lacksConnection(error)) return refused(`leaves no connection for the queue: ${error.message}`);
  return error;
}
