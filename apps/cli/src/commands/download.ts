import type { CheckpointRef } from '@trainyard/client';
import {
  type CheckpointFormat,
  checkpointFormatSchema,
  type InputType,
  inputTypeSchema,
  type WeightLayout,
  weightLayoutSchema,
} from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { saveDownload } from '../download/saveDownload.js';
import { formatBytes } from '../format/numbers.js';
import { parseCheckpointRef, parseJobId } from '../parsers.js';

interface DownloadOptions {
  checkpoint: CheckpointRef;
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
    .argument('<job>', 'its id', parseJobId)
    .option('--checkpoint <ref>', 'best, last or an epoch', parseCheckpointRef, 'best')
    .addOption(
      new Option(
        '--format <format>',
        'tfjs: a zip of model.json and weights.bin; torch: of modeling.py and its weights',
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
    .action((id: string, options: DownloadOptions) => download(context, id, options));
}

async function download(context: Context, id: string, options: DownloadOptions): Promise<void> {
  const { checkpoint, format, input, layout, output = '.', force = false } = options;
  const { terminal } = context;
  const client = await context.client();
  const saved = await context.interruptible((signal) => {
    const open = () => client.download(id, checkpoint, format, { input, layout, signal });
    return saveDownload(open, { output, force, terminal, signal });
  });
  if (saved === null) return terminal.warn('the download was stopped; nothing of it is left');
  const { path, bytes, sha256 } = saved;
  if (path !== null) context.show({ path, bytes, sha256 }, () => [`${path}  ${formatBytes(bytes)}  sha256 ${sha256}`]);
}
