import { readFile, writeFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { z } from 'zod';

const receivedSchema = z.object({
  etag: z.string().optional(),
  modified: z.string().optional(),
  disposition: z.string().optional(),
});

/** What a server said of a file that was received, wholly or in part: kept beside it, to see whether it has changed. */
export type Received = z.infer<typeof receivedSchema>;

const placeOf = (file: string): string => `${file}.json`;

export async function readReceived(file: string): Promise<Received | null> {
  const text = await readFile(placeOf(file), 'utf8').catch(() => null);
  try {
    return text === null ? null : receivedSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export async function writeReceived(file: string, headers: Dispatcher.ResponseData['headers']): Promise<void> {
  const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
  const received = { etag: text('etag'), modified: text('last-modified'), disposition: text('content-disposition') };
  await writeFile(placeOf(file), JSON.stringify(received satisfies Received));
}
