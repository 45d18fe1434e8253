import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { createSettingsFolder, isInstalled, type Program, startProgram } from './program.js';

/** Whether Debian's package is installed; `.ci/run` installs it. */
export const hasPgBouncer = isInstalled('pgbouncer', '--version');

export interface PgBouncer extends Program {
  /** Leads to the same database as the URL that it was started for. */
  url: string;
}

/** @param settings further lines of its file of settings. */
export async function startPgBouncer(
  databaseUrl: string,
  mode: 'session' | 'transaction',
  settings: string[] = [],
): Promise<PgBouncer> {
  const folder = await createSettingsFolder('pgbouncer');
  const port = await getPort();
  const target = new URL(databaseUrl);
  const name = target.pathname.slice(1);
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `${name} = host=127.0.0.1 port=${target.port} user=${target.username} password=${target.password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'auth_type = any',
    `pool_mode = ${mode}`,
    'unix_socket_dir =',
    ...settings,
    '',
  ];
  await writeFile(file, lines.join('\n'));
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'daemon'] : [];
  const bouncer = await startProgram('pgbouncer', [...user, file], port, folder);
  return { ...bouncer, url: `postgres://${target.username}@127.0.0.1:${port}/${name}` };
}
