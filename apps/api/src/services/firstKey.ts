import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defaultProject } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import { replaceFile } from '@trainyard/process';
import { z } from 'zod';

/** The file from which the command line reads the service's URL and its key. */
const credentialsSchema = z.object({ url: z.string(), apiKey: z.string() });
type Credentials = z.infer<typeof credentialsSchema>;

async function readCredentials(file: string): Promise<Credentials | null> {
  try {
    return credentialsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the file atomically; only its owner can read it, also while it is being written. */
async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify(credentials, null, 2)}\n`;
  await replaceFile(file, (handle) => handle.writeFile(text), 0o600);
}

/**
 * Gives the owner of this machine access to the service. If the database has no key at all, creates an admin key and
 * stores it in `file`; if the key in `file` is valid in this database, updates the `url` beside it.
 * @returns `created`, `kept`, or `absent` when the database has keys, but the file contains none of them.
 */
export async function ensureFirstKey(
  keys: Pick<Database['keys'], 'createFirst' | 'verify'>,
  file: string,
  url: string,
): Promise<'created' | 'kept' | 'absent'> {
  const stored = await readCredentials(file);
  if (stored && (await keys.verify(stored.apiKey))) {
    if (stored.url !== url) await writeCredentials(file, { ...stored, url });
    return 'kept';
  }
  const first = await keys.createFirst({ name: 'first key', role: 'admin', project: defaultProject });
  if (!first) return 'absent';
  await writeCredentials(file, { url, apiKey: first.secret });
  return 'created';
}
