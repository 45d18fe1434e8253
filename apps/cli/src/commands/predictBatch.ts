import { stat } from 'node:fs/promises';
import type { TrainyardClient } from '@trainyard/client';
import {
  type BatchFormat,
  type BatchPrediction,
  InvalidInputError,
  type NewBatchPrediction,
} from '@trainyard/contracts';
import type { Context } from '../context.js';
import { saveDownload } from '../download/saveDownload.js';
import { formatBarLine } from '../format/epochs.js';
import { formatBytes, formatCount } from '../format/numbers.js';
import { parseDatasetName } from '../spec/datasetName.js';
import { uploadSourceOf } from '../uploadSource.js';

export interface BatchChoice {
  /** A folder, an archive or an image of this machine, or a dataset of the service. */
  what: string;
  /** By which checkpoint. */
  model: Pick<NewBatchPrediction, 'jobId' | 'checkpoint' | 'experiment' | 'alias'>;
  split?: NewBatchPrediction['split'];
  output: string;
  force: boolean;
}

/** Has many images classified as queued work, waits, and saves the table. */
export async function predictBatch(context: Context, choice: BatchChoice): Promise<void> {
  const { what, output, force } = choice;
  const { terminal } = context;
  const format = formatOf(output);
  const client = await context.client();
  /** For what is done after Ctrl-C. */
  const sent = { upload: '', prediction: '' };
  const saved = await context.interruptible(async (signal) => {
    const done = await classify(context, client, choice, sent, signal);
    sent.prediction = '';
    if (done.results === null) {
      const faults = (done.problem?.faults ?? []).map((detail) => ({ pointer: '', detail }));
      throw new InvalidInputError(done.problem?.detail ?? `the prediction ${done.id} was cancelled`, faults);
    }
    const open = () => client.downloadBatchPrediction(done.id, format, { signal });
    return { done, file: await saveDownload(open, { output, force, terminal, signal }) };
  });
  if (saved === null) {
    if (sent.prediction !== '') await client.cancelBatchPrediction(sent.prediction);
    else if (sent.upload !== '') await client.deleteUpload(sent.upload);
    return terminal.warn(`the prediction of ${what} was stopped; nothing of it is left on the service`);
  }
  const { images = 0, unreadable = 0 } = saved.done.results ?? {};
  const { path, bytes, sha256 } = saved.file;
  if (path === null) return;
  context.show({ path, bytes, sha256, images, unreadable, id: saved.done.id }, () => [
    `${path}  ${formatCount(images)} images  ${formatBytes(bytes)}  sha256 ${sha256}`,
    ...(unreadable > 0 ? [`${formatCount(unreadable)} could not be read: the column error says why`] : []),
  ]);
}

async function classify(
  { terminal }: Context,
  client: TrainyardClient,
  { what, model, split }: BatchChoice,
  sent: { upload: string; prediction: string },
  signal: AbortSignal,
): Promise<BatchPrediction> {
  const isPath = (await stat(what).catch(() => null)) !== null;
  if (isPath && split !== undefined) throw new InvalidInputError('--split is of a dataset; leave it out');
  let source: Pick<NewBatchPrediction, 'dataset' | 'version' | 'split' | 'uploadId'>;
  if (isPath) {
    const upload = await client.upload(await uploadSourceOf(what), {
      signal,
      onCreated: ({ id }) => {
        sent.upload = id;
      },
      onProgress(bytes, total) {
        const amount = `${formatBytes(bytes)} of ${formatBytes(total)}`;
        terminal.status(formatBarLine('uploading', bytes / Math.max(total, 1), amount, terminal.columns));
      },
    });
    source = { uploadId: upload.id };
  } else {
    const { name, version } = parseDatasetName(what);
    source = { dataset: name, ...(version !== null && { version }), ...(split && { split }) };
  }
  signal.throwIfAborted();
  const created = await client.createBatchPrediction({ ...model, ...source });
  sent.prediction = created.id;
  return client.waitForBatchPrediction(created.id, {
    signal,
    onProgress({ state, progress }) {
      if (!progress) return terminal.status(state);
      const { done, total } = progress;
      const amount = `${formatCount(done)} of ${formatCount(total)} images`;
      terminal.status(formatBarLine('predicting', done / Math.max(total, 1), amount, terminal.columns));
    },
  });
}

function formatOf(output: string): BatchFormat {
  if (output === '-' || output.endsWith('.csv')) return 'csv';
  if (output.endsWith('.parquet')) return 'parquet';
  throw new InvalidInputError(`--output ${output} must end in .csv or .parquet, or be - for CSV`);
}
