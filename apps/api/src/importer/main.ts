import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type DatasetImport, InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { DatasetStores } from '@trainyard/datasets';
import { checkedDispatcher, checkUrl, RefusedRequestError } from '@trainyard/process';
import { request } from 'undici';
import { runTask } from '../background/taskMain.js';
import { type ImportCommand, importCommandSchema } from './messages.js';

/* The process that imports what came over HTTP. */

type Progress = DatasetImport['progress'] & object;
type Imported = DatasetImport['dataset'] & object;

runTask<ImportCommand, Progress, Imported>({
  title: 'the import',
  command: importCommandSchema,
  names: ({ file, label }) => ({ [file]: label }),
  async run(command, onProgress, signal) {
    if (command.url !== null) await downloadTo(command, command.url, onProgress, signal);
    const { own } = new DatasetStores(command.root).project(command.project);
    const { file, label, origin, options } = command;
    const request = { kind: 'archive', path: file, label, origin, options } as const;
    const limits = { bytesLeft: command.bytesLeft ?? Number.POSITIVE_INFINITY };
    const { name, version, digest, notes, warnings } = await own.import(request, onProgress, signal, limits);
    return { name, version, digest, notes, warnings };
  },
});

async function downloadTo(
  { file, bytesLeft, allowPrivateUrls }: ImportCommand,
  url: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const refused = (why: string) => new InvalidInputError(`${url} ${why}`);
  const dispatcher = checkedDispatcher({ allowPrivate: allowPrivateUrls });
  try {
    checkUrl(new URL(url), allowPrivateUrls);
    const response = await request(url, { dispatcher, signal });
    if (response.statusCode !== 200) throw refused(`answered ${response.statusCode}; check the URL`);
    const total = Number(response.headers['content-length'] ?? 0) || null;
    let done = 0;
    const counted = async function* (body: AsyncIterable<Buffer>) {
      for await (const chunk of body) {
        done += chunk.length;
        if (done > (bytesLeft ?? Number.POSITIVE_INFINITY)) throw refused('has more bytes than this project may store');
        reportDownload(done, total, onProgress);
        yield chunk;
      }
    };
    await pipeline(response.body, counted, createWriteStream(file), { signal });
  } catch (error) {
    if (error instanceof TrainyardError || signal.aborted) throw error;
    const cause = error instanceof RefusedRequestError ? error : (error as Error).cause;
    if (cause instanceof RefusedRequestError) throw refused(cause.message);
    throw refused(`cannot be downloaded (${(error as Error).message}); check the URL`);
  }
}

let reportedAt = 0;

function reportDownload(done: number, total: number | null, onProgress: (progress: Progress) => void): void {
  if (Date.now() - reportedAt < 200) return;
  reportedAt = Date.now();
  onProgress({ phase: 'downloading', done, total });
}
