import type { TrainyardClient } from '@trainyard/client';
import { type DatasetImport, type ImportOptions, InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { formatDatasets, formatImport, formatRemarks, formatSkipped } from '../../format/datasets.js';
import { formatBarLine } from '../../format/epochs.js';
import { formatBytes } from '../../format/numbers.js';
import { uploadSourceOf } from '../../uploadSource.js';
import { addImportOptions, type ImportFlags, importOptionsOf } from './options.js';

const uploadHelp = `
A folder is packed while it is sent; nothing is written on this machine. A broken
connection is continued. Ctrl-C says how to go on later; once everything has
arrived, Ctrl-C cancels the import.

Example:
  trainyard dataset upload ./pets --size 64 --url https://trainyard.example`;

type UploadFlags = ImportFlags & { resume?: string };

export function addUpload(dataset: Command, context: Context): void {
  const command = dataset
    .command('upload')
    .description('send a folder, an archive or a file to the service, which imports it')
    .argument('<what>', 'a path, or a URL that the service downloads');
  addImportOptions(command)
    .option('--resume <upload>', 'go on with an upload of the same path that was stopped')
    .addHelpText('after', uploadHelp)
    .action((what: string, { resume, ...flags }: UploadFlags) =>
      uploadDataset(context, what, importOptionsOf(flags), resume),
    );
}

async function uploadDataset(context: Context, what: string, options: ImportOptions, resume?: string): Promise<void> {
  const client = await context.client();
  const progress: Stage = { upload: null, importing: null };
  const finished = await context.interruptible((signal) =>
    send(context, client, { what, options, resume, progress, signal }),
  );
  if (finished === null) await sayStopped(context, client, what, progress);
  else await showImported(context, client, finished);
}

/** How far it is, for what is said after Ctrl-C. */
interface Stage {
  upload: string | null;
  importing: string | null;
}

interface Sending {
  what: string;
  options: ImportOptions;
  resume: string | undefined;
  progress: Stage;
  signal: AbortSignal;
}

async function send({ terminal }: Context, client: TrainyardClient, sending: Sending): Promise<DatasetImport> {
  const { what, options, resume, progress, signal } = sending;
  let origin: { url: string } | { uploadId: string } = { url: what };
  if (!/^https?:\/\//i.test(what)) {
    const source = await uploadSourceOf(what);
    const upload = await client.upload(source, {
      ...(resume !== undefined && { resume }),
      signal,
      onCreated({ id, bytes }) {
        progress.upload = id;
        if (bytes === source.bytes) return;
        throw new InvalidInputError(`${what} is not what ${id} began to send; upload it without --resume`);
      },
      onProgress(sent, total) {
        const amount = `${formatBytes(sent)} of ${formatBytes(total)}`;
        terminal.status(formatBarLine('uploading', sent / Math.max(total, 1), amount, terminal.columns));
      },
    });
    origin = { uploadId: upload.id };
  }
  signal.throwIfAborted();
  const { id } = await client.createImport({ ...options, ...origin });
  progress.importing = id;
  return client.waitForImport(id, {
    signal,
    onProgress: (state) => {
      if (state.progress) terminal.status(formatImport(state.progress, terminal.columns));
    },
  });
}

async function sayStopped({ terminal }: Context, client: TrainyardClient, what: string, stage: Stage): Promise<void> {
  if (stage.importing !== null) {
    await client.cancelImport(stage.importing);
    terminal.warn('the import was cancelled; nothing of it is left on the service');
  } else if (stage.upload !== null) {
    terminal.warn(`the upload was stopped; the same command with --resume ${stage.upload} goes on with it`);
  } else {
    terminal.warn(`the upload of ${what} was stopped before anything was sent`);
  }
}

/** @throws InvalidInputError with the problem of an import that failed */
async function showImported(context: Context, client: TrainyardClient, state: DatasetImport): Promise<void> {
  const { terminal } = context;
  const { dataset, problem } = state;
  if (dataset === null) {
    const faults = (problem?.faults ?? []).map((detail) => ({ pointer: '', detail }));
    throw new InvalidInputError(problem?.detail ?? `the import ${state.id} was cancelled`, faults);
  }
  const { name, version, notes, warnings } = dataset;
  const detail = { ...(await client.dataset(name, { version })), notes, warnings };
  context.show(detail, () => [
    ...formatDatasets([detail], terminal.columns),
    ...formatRemarks(detail, terminal),
    ...formatSkipped(detail.skipped, detail.skippedCount),
  ]);
}
