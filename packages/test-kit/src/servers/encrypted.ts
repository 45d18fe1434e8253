import { chown, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from '../eventually.js';
import type { PostgresServer } from './postgres.js';
import type { Certificates } from './tls.js';

/** Turns TLS on in a running server. */
export async function encrypt(
  server: Pick<PostgresServer, 'url' | 'dataFolder'>,
  certificates: Certificates,
): Promise<void> {
  const { uid, gid } = await stat(server.dataFolder);
  for (const [name, file] of Object.entries({
    'server.crt': certificates.certificate,
    'server.key': certificates.key,
  })) {
    const target = join(server.dataFolder, name);
    await copyFile(file, target);
    await chown(target, uid, gid);
  }
  const client = new pg.Client({ connectionString: server.url, ssl: false });
  await client.connect();
  await client.query('ALTER SYSTEM SET ssl = on');
  await client.query('SELECT pg_reload_conf()');
  const isOn = async () => ((await client.query('SHOW ssl')).rows[0] as { ssl: string }).ssl === 'on' || null;
  await eventually('a server with TLS', isOn);
  await client.end();
}
