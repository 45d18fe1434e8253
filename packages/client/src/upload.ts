import type { Upload } from '@trainyard/contracts';
import { isPassing, ProblemError } from './errors.js';
import type { Http } from './http.js';
import { Patience } from './patience.js';

/** A file that can be read from any byte on, since a broken upload goes on from where it stopped. */
export interface UploadSource {
  /** Name of the file, for people. */
  name: string;
  bytes: number;
  read(from: number): ReadableStream<Uint8Array>;
}

export interface UploadOptions {
  /** Name of the file, for people; default: the last part of the path. */
  name?: string;
  /** Id of an upload of the same file that was not completed. */
  resume?: string;
  /** Called with the upload as soon as it exists: its id is what `resume` takes. */
  onCreated?(upload: Upload): void;
  /** Bytes that were handed to the network. */
  onProgress?(sent: number, total: number): void;
  signal?: AbortSignal;
  /** After so many seconds without progress, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

const tus = { 'tus-resumable': '1.0.0' };

/** @see DatasetCalls.upload */
export async function uploadTo(
  http: Http,
  given: string | Blob | UploadSource,
  options: UploadOptions,
): Promise<Upload> {
  const source = await sourceOf(given, options.name);
  const path = (id: string) => `v1/uploads/${encodeURIComponent(id)}`;
  let upload: Upload =
    options.resume === undefined ? await create(http, source, options) : await http.json(path(options.resume));
  options.onCreated?.(upload);
  const { giveUpAfterSeconds = 120, signal } = options;
  const patience = new Patience(giveUpAfterSeconds, signal);
  while (upload.offset < upload.bytes) {
    signal?.throwIfAborted();
    try {
      const before: number = upload.offset;
      upload = await http.json(path(upload.id), { headers: tus });
      if (upload.offset > before) patience.progressed();
      upload = await send(http, path(upload.id), source, upload, options);
    } catch (error) {
      // A conflict: the service has not noticed yet that the connection before was broken.
      const isConflict = error instanceof ProblemError && error.status === 409;
      await patience.afterError(error, isConflict || isPassing(error));
    }
  }
  return upload;
}

function create(http: Http, { name, bytes }: UploadSource, { signal }: UploadOptions): Promise<Upload> {
  const metadata = `filename ${Buffer.from(name).toString('base64')}`;
  const headers = { ...tus, 'upload-length': String(bytes), 'upload-metadata': metadata };
  return http.json('v1/uploads', { method: 'POST', headers, signal });
}

/** Sends the rest, from the upload's offset on. */
async function send(
  http: Http,
  path: string,
  source: UploadSource,
  upload: Upload,
  { onProgress, signal }: UploadOptions,
): Promise<Upload> {
  let sent = upload.offset;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent += chunk.byteLength;
      onProgress?.(sent, upload.bytes);
      controller.enqueue(chunk);
    },
  });
  const response = await http.send(path, {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': String(upload.offset), 'content-type': 'application/offset+octet-stream' },
    stream: source.read(upload.offset).pipeThrough(counter),
    signal,
  });
  return { ...upload, offset: Number(response.headers.get('upload-offset')) };
}

async function sourceOf(given: string | Blob | UploadSource, name?: string): Promise<UploadSource> {
  if (typeof given === 'string') {
    const { basename, createReadStream, Readable, stat } = await import('./files.js');
    return {
      name: name ?? basename(given),
      bytes: (await stat(given)).size,
      read: (from) => Readable.toWeb(createReadStream(given, { start: from })) as ReadableStream<Uint8Array>,
    };
  }
  if (given instanceof Blob) {
    return { name: name ?? 'upload', bytes: given.size, read: (from) => given.slice(from).stream() };
  }
  return name === undefined ? given : { ...given, name };
}
