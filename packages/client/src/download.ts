import type { CheckpointFormat } from '@trainyard/contracts';
import type { Http } from './http.js';

/** `best`, `last` or the number of an epoch. */
export type CheckpointRef = 'best' | 'last' | number;

export interface Download {
  stream: ReadableStream<Uint8Array>;
  /** What the service calls the file; a plain name without folders. */
  fileName: string;
  /** Size of the whole file. */
  bytes: number;
  /** Of the whole file, lower-case hexadecimal. */
  sha256: string;
}

/** The last part of a path in either style: a service must not choose in which folder a file is put. */
const plainName = (name: string): string => name.split(/[/\\]/).at(-1) || 'checkpoint';

export async function openDownload(
  http: Http,
  path: string,
  format: CheckpointFormat,
  signal?: AbortSignal,
): Promise<Download> {
  const response = await http.send(path, { query: { format }, headers: { accept: '*/*' }, signal });
  const name =
    /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? `checkpoint.${format}`;
  return {
    stream: response.body ?? new Blob([]).stream(),
    fileName: plainName(name),
    bytes: Number(response.headers.get('content-length')),
    sha256: (response.headers.get('etag') ?? '').replaceAll('"', ''),
  };
}
