import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defaultProject } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import { replaceFile } from '@trainyard/process';
import { z } from 'zod';

/** What the command line reads to find the service and its key. */
const credentialsSchema = z.object({ url: z.string(), apiKey: z.string() });
type Credentials = z.infer<typeof credentialsSchema>;

async function readCredentials(file: string): Promise<Credentials | null> {
  try {
    return credentialsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Readable by its owner alone from its first byte on, and whole at every moment. */
async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify(credentials, null, 2)}\n`;
  await replaceFile(file, (handle) => handle.writeFile(text), 0o600);
}

/**
 * Makes sure that whoever owns this machine can reach the service: where the database has no key at all, an admin key is
 * made and stored in `file`; where the stored key is this database's, its `url` is brought up to date.
 * @returns `created`, `kept`, or `absent` when there are keys, but none of them is in the file.
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
