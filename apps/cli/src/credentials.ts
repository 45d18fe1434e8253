import { readFile } from 'node:fs/promises';
import type { Config } from '@trainyard/config';
import { InvalidInputError, jsonText, TrainyardError } from '@trainyard/contracts';
import { z } from 'zod';

export interface Credentials {
  url: string;
  apiKey: string | null;
}

const fileSchema = jsonText(z.object({ url: z.url(), apiKey: z.string().min(1) }));

/**
 * Which service to talk to, and the key: what the user names (`--url`), else the environment, else the file that
 * `trainyard up` leaves in its home. The file's key is only ever sent to the file's own URL.
 * @throws TrainyardError `unavailable` when no service is known.
 */
export async function findCredentials(config: Config, givenUrl: string | null): Promise<Credentials> {
  const stored = await readCredentials(config.credentialsFile);
  const url = givenUrl ?? config.url ?? stored?.url;
  if (!url)
    throw new TrainyardError(
      'unavailable',
      'no service is known; start one with `trainyard up`, or set TRAINYARD_URL and TRAINYARD_API_KEY',
    );
  if (!URL.canParse(url)) throw new InvalidInputError(`${url} is no URL; it must be like http://127.0.0.1:4600`);
  const storedKey = stored && new URL(stored.url).origin === new URL(url).origin ? stored.apiKey : null;
  return { url, apiKey: config.apiKey ?? storedKey };
}

export async function readCredentials(file: string): Promise<{ url: string; apiKey: string } | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new InvalidInputError(`cannot read ${file}: ${error.message}`);
  });
  if (text === null) return null;
  const parsed = fileSchema.safeParse(text);
  if (!parsed.success) throw new InvalidInputError(`${file} is damaged; \`trainyard up\` writes a new one`);
  return parsed.data;
}
