import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { DatasetStores } from '@trainyard/datasets';
import { checkedDispatcher, checkUrl, RefusedRequestError } from '@trainyard/process';
import { request } from 'undici';
import { type ImportCommand, type ImportMessage, importCommandSchema } from './messages.js';

/*
 * The process that imports what came over HTTP: it decodes bytes of strangers, so it is apart from the API. It gets one
 * command, sends its progress and one last message, and ends. SIGTERM, or an API that is gone, stops it.
 */

const stopping = new AbortController();
const stop = () => stopping.abort(new Error('stopped'));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);

const send = (message: ImportMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

process.once('message', (message) => {
  void run(importCommandSchema.parse(message)).then(async (last) => {
    await send(last);
    process.exit(0);
  });
});

async function run(command: ImportCommand): Promise<ImportMessage> {
  try {
    if (command.url !== null) await downloadTo(command, command.url);
    const { own } = new DatasetStores(command.root).project(command.project);
    const { file, label, origin, options } = command;
    const request = { kind: 'archive', path: file, label, origin, options } as const;
    const onProgress = (progress: Extract<ImportMessage, { type: 'progress' }>['progress']) =>
      void send({ type: 'progress', progress });
    const limits = { bytesLeft: command.bytesLeft ?? Number.POSITIVE_INFINITY };
    const { name, version, digest, notes, warnings } = await own.import(request, onProgress, stopping.signal, limits);
    return { type: 'succeeded', dataset: { name, version, digest, notes, warnings } };
  } catch (error) {
    if (stopping.signal.aborted) return { type: 'stopped' };
    return { type: 'failed', problem: problemOf(error, command) };
  }
}

/** Errors that the user cannot correct are only logged: a message of the system names paths of this machine. */
function problemOf(error: unknown, { file, label }: ImportCommand) {
  if (error instanceof TrainyardError) {
    const named = (text: string) => text.replaceAll(file, label);
    return { code: error.code, detail: named(error.message), faults: error.faults.map(({ detail }) => named(detail)) };
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const { code } = error as NodeJS.ErrnoException;
  const detail =
    code === 'ENOSPC' ? 'the disk of the service is full' : 'the import failed; the log of the API says why';
  return { code: 'internal', detail, faults: [] };
}

async function downloadTo({ file, bytesLeft, allowPrivateUrls }: ImportCommand, url: string): Promise<void> {
  const refused = (why: string) => new InvalidInputError(`${url} ${why}`);
  const dispatcher = checkedDispatcher({ allowPrivate: allowPrivateUrls });
  try {
    checkUrl(new URL(url), allowPrivateUrls);
    const response = await request(url, { dispatcher, signal: stopping.signal });
    if (response.statusCode !== 200) throw refused(`answered ${response.statusCode}; check the URL`);
    const total = Number(response.headers['content-length'] ?? 0) || null;
    let done = 0;
    const counted = async function* (body: AsyncIterable<Buffer>) {
      for await (const chunk of body) {
        done += chunk.length;
        if (done > (bytesLeft ?? Number.POSITIVE_INFINITY)) throw refused('has more bytes than this project may store');
        void reportDownload(done, total);
        yield chunk;
      }
    };
    await pipeline(response.body, counted, createWriteStream(file), { signal: stopping.signal });
  } catch (error) {
    if (error instanceof TrainyardError || stopping.signal.aborted) throw error;
    const cause = error instanceof RefusedRequestError ? error : (error as Error).cause;
    if (cause instanceof RefusedRequestError) throw refused(cause.message);
    throw refused(`cannot be downloaded (${(error as Error).message}); check the URL`);
  }
}

let reportedAt = 0;

async function reportDownload(done: number, total: number | null): Promise<void> {
  if (Date.now() - reportedAt < 200) return;
  reportedAt = Date.now();
  await send({ type: 'progress', progress: { phase: 'downloading', done, total } });
}
