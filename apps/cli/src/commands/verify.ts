import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointRef } from '@trainyard/client';
import { TrainyardError, type Verification } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { type Column, formatTable } from '../format/table.js';
import { type JobOrAlias, parseCheckpointRef, parseJobOrAlias, parseWholeNumber } from '../parsers.js';

interface VerifyOptions {
  checkpoint?: CheckpointRef;
  images?: number | 'all';
}

const help = `
ONNX Runtime and TensorFlow.js read the exact bytes of the downloads, and must classify as
many test images correctly as the stored test has. Without --images, 500 of them.

Examples:
  trainyard verify job_…
  trainyard verify cifar@champion --images all`;

export function addVerify(program: Command, context: Context): void {
  program
    .command('verify')
    .description('have other programs read the downloads of a checkpoint and reproduce its test')
    .argument('<job>', 'its id; or experiment@alias', parseJobOrAlias)
    .option('--checkpoint <ref>', 'best (default), last or an epoch; not beside an alias', parseCheckpointRef)
    .option('--images <count>', 'how many test images, or all', (text) =>
      text === 'all' ? text : parseWholeNumber(text),
    )
    .addHelpText('after', help)
    .action((job: JobOrAlias, options: VerifyOptions) => verify(context, job, options));
}

const pollMs = 1000;

async function verify(
  context: Context,
  job: JobOrAlias,
  { checkpoint = 'best', images }: VerifyOptions,
): Promise<void> {
  const client = await context.client();
  const alias = typeof job === 'string' ? null : await client.alias(job.experiment, job.alias);
  const [id, ref] = alias ? [alias.jobId, alias.epoch] : [job as string, checkpoint];
  let rows = await client.verifyCheckpoint(id, ref, defined({ images }));
  while (rows.some(({ state }) => state === 'running')) {
    await sleep(pollMs);
    rows = (await client.checkpoint(id, ref)).verifications;
  }
  context.show({ data: rows }, () => formatTable(columns, rows, context.terminal.columns));
  const others = rows.filter(({ state }) => state !== 'verified');
  if (others.length > 0)
    throw new TrainyardError(
      'conflict',
      `not verified: ${others.map((one) => `${nameOf(one)} ${whyOf(one)}`).join('; ')}`,
    );
}

const nameOf = ({ format, input }: Verification): string => (input === 'uint8' ? `${format} (uint8)` : format);
const whyOf = ({ state, message, correct, expected }: Verification): string =>
  message ?? `is ${state}: ${correct} correct instead of ${expected}`;

const columns: Column<Verification>[] = [
  { title: 'format', cell: nameOf },
  { title: 'state', cell: ({ state }) => state },
  { title: 'correct', cell: ({ correct, expected }) => `${correct ?? '?'} of ${expected} expected`, align: 'right' },
  { title: 'images', cell: ({ images, testImages }) => `${images} of ${testImages}`, align: 'right' },
  { title: 'reader', cell: ({ reader, readerVersion }) => `${reader} ${readerVersion}` },
  { title: 'sha256', cell: ({ sha256 }) => sha256.slice(0, 12) },
];
