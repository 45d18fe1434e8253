import type { CheckpointRef } from '@trainyard/client';
import {
  type CheckpointFormat,
  checkpointFormatSchema,
  type InputType,
  InvalidInputError,
  inputTypeSchema,
  type WeightLayout,
  weightLayoutSchema,
} from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { saveDownload } from '../download/saveDownload.js';
import { formatBytes } from '../format/numbers.js';
import { type JobOrAlias, parseCheckpointRef, parseJobOrAlias } from '../parsers.js';

interface DownloadOptions {
  checkpoint?: CheckpointRef;
  format: CheckpointFormat;
  input?: InputType;
  layout?: WeightLayout;
  output?: string;
  force?: boolean;
}

export function addDownload(program: Command, context: Context): void {
  program
    .command('download')
    .description('download a checkpoint of a job; its digest is checked')
    .argument('<job>', 'its id; or experiment@alias', parseJobOrAlias)
    .option('--checkpoint <ref>', 'best (default), last or an epoch; not beside an alias', parseCheckpointRef)
    .addOption(
      new Option(
        '--format <format>',
        'tfjs: a zip of model.json and weights.bin; torch: of modeling.py and its weights; card: README.md',
      )
        .choices(checkpointFormatSchema.options)
        .default('tfjs'),
    )
    .addOption(
      new Option('--input <type>', 'of an ONNX model: uint8 for one that takes pixels and normalises them').choices(
        inputTypeSchema.options,
      ),
    )
    .addOption(
      new Option('--layout <layout>', 'of safetensors: torch for the names and shapes of PyTorch').choices(
        weightLayoutSchema.options,
      ),
    )
    .option('-o, --output <path>', 'file or folder, or - for standard output; default: here, as the service names it')
    .option('--force', 'replace a file that is there')
    .action((job: JobOrAlias, options: DownloadOptions) => download(context, job, options));
}

async function download(context: Context, job: JobOrAlias, options: DownloadOptions): Promise<void> {
  const { checkpoint, format, input, layout, output = '.', force = false } = options;
  const { terminal } = context;
  if (typeof job !== 'string' && checkpoint !== undefined)
    throw new InvalidInputError('--checkpoint is of a job; an alias names a checkpoint itself');
  const client = await context.client();
  const saved = await context.interruptible((signal) => {
    const options = { input, layout, signal };
    const open = () =>
      typeof job === 'string'
        ? client.download(job, checkpoint ?? 'best', format, options)
        : client.downloadAlias(job.experiment, job.alias, format, options);
    return saveDownload(open, { output, force, terminal, signal });
  });
  if (saved === null) return terminal.warn('the download was stopped; nothing of it is left');
  const { path, bytes, sha256 } = saved;
  if (path !== null) context.show({ path, bytes, sha256 }, () => [`${path}  ${formatBytes(bytes)}  sha256 ${sha256}`]);
}
