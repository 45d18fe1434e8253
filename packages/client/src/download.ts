import {
  type BatchFormat,
  type CheckpointFormat,
  type InputType,
  TrainyardError,
  type WeightLayout,
} from '@trainyard/contracts';
import { UnreachableError } from './errors.js';
import type { Http } from './http.js';
import { Patience } from './patience.js';

/** `best`, `last` or the number of an epoch. */
export type CheckpointRef = 'best' | 'last' | number;

export interface DownloadOptions {
  /** Only of the format onnx: `uint8` for a model that takes pixels and normalises them. */
  input?: InputType | undefined;
  /** Only of the format safetensors: `torch` for the state dict of the network in the format torch. */
  layout?: WeightLayout | undefined;
  /** Ends the download with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** After so many seconds without a byte, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

export interface Download {
  /**
   * The file's bytes. A broken connection is opened again, and the stream goes on with the byte after the last one.
   * It throws FileChangedError where the service has another file under this name by then.
   */
  stream: ReadableStream<Uint8Array>;
  /** What the service calls the file; a plain name without folders. */
  fileName: string;
  /** Size of the whole file. */
  bytes: number;
  /** Of the whole file, lower-case hexadecimal. */
  sha256: string;
}

/**
 * The connection broke, and the rest of the file cannot be had: `best` or `last` is another checkpoint by now, or
 * something between client and service does not pass on parts of files. A new download starts at the first byte.
 */
export class FileChangedError extends TrainyardError {
  constructor(fileName: string) {
    super('conflict', `the connection broke, and the service has another file than ${fileName} now; download it again`);
  }
}

/** The last part of a path in either style: a service must not choose in which folder a file is put. */
const plainName = (name: string): string => name.split(/[/\\]/).at(-1) || 'checkpoint';

/** @see TrainyardClient.download and downloadBatchPrediction */
export async function openDownload(
  http: Http,
  path: string,
  choice: { format?: CheckpointFormat | BatchFormat },
  options: DownloadOptions,
): Promise<Download> {
  const request = (headers: Record<string, string>) =>
    http.send(path, {
      query: { ...choice, input: options.input, layout: options.layout },
      // Compressed by a proxy, the file would have another length and a weak ETag, which no range can be asked with.
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...headers },
      signal: options.signal,
    });
  const first = await request({});
  const name =
    /filename="([^"]+)"/.exec(first.headers.get('content-disposition') ?? '')?.[1] ??
    `checkpoint.${choice.format ?? 'bin'}`;
  const bytes = Number(first.headers.get('content-length'));
  const file = { fileName: plainName(name), bytes, sha256: digestOf(first) };
  return { ...file, stream: ReadableStream.from(contentOf(file, first, request, options)) };
}

/** @throws TrainyardError where the answer has no digest */
function digestOf({ headers }: Response): string {
  const base64 = /sha-256=:([^:]+):/.exec(headers.get('repr-digest') ?? '')?.[1];
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('hex');
  const tag = /^"([0-9a-f]{64})"$/.exec(headers.get('etag') ?? '')?.[1];
  if (tag === undefined)
    throw new TrainyardError('internal', 'the answer has no digest of the file (Repr-Digest), so it cannot be checked');
  return tag;
}

async function* contentOf(
  file: Omit<Download, 'stream'>,
  first: Response,
  request: (headers: Record<string, string>) => Promise<Response>,
  { signal, giveUpAfterSeconds = 120 }: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  const patience = new Patience(giveUpAfterSeconds, signal);
  const etag = first.headers.get('etag') ?? `"${file.sha256}"`;
  let response: Response | null = first;
  for (let received = 0; ; ) {
    try {
      response ??= await requestRest(file, received, etag, request);
      for await (const chunk of response.body ?? []) {
        received += chunk.length;
        patience.progressed();
        yield chunk;
      }
      if (received >= file.bytes) return;
      throw new UnreachableError(response.url, 'the connection ended early');
    } catch (error) {
      if (received >= file.bytes) return;
      if (error instanceof FileChangedError) throw error;
      await patience.afterError(error);
      response = null;
    }
  }
}

/** The file from the byte `received` on. @throws FileChangedError where the answer is anything else. */
async function requestRest(
  file: Omit<Download, 'stream'>,
  received: number,
  etag: string,
  request: (headers: Record<string, string>) => Promise<Response>,
): Promise<Response> {
  const response = await request(received === 0 ? {} : { range: `bytes=${received}-`, 'if-range': etag });
  const isRest =
    received === 0 ||
    (response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${received}-`) === true);
  if (isRest && digestOf(response) === file.sha256) return response;
  await response.body?.cancel();
  throw new FileChangedError(file.fileName);
}
