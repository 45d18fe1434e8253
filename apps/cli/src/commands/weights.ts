import { InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatBarLine } from '../format/epochs.js';
import { formatBytes } from '../format/numbers.js';

const uploadHelp = `
The file is kept for a day, or as long as jobs need it.

Example:
  trainyard weights upload cnn3.safetensors
  trainyard submit cnn3 --set initialWeights.upload=upl_…`;

export function addWeights(program: Command, context: Context): void {
  const weights = program.command('weights').description('weights from elsewhere that a training starts from');
  weights
    .command('upload')
    .description('send a safetensors file to the service: our layout, or a PyTorch state dict with our names')
    .argument('<file>', 'its path')
    .addHelpText('after', uploadHelp)
    .action((file: string) => uploadWeights(context, file));
}

async function uploadWeights(context: Context, file: string): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const onProgress = (sent: number, total: number) => {
    const amount = `${formatBytes(sent)} of ${formatBytes(total)}`;
    terminal.status(formatBarLine('uploading', sent / Math.max(total, 1), amount, terminal.columns));
  };
  const upload = await client.upload(file, { onProgress }).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error;
    throw new InvalidInputError(`${file} cannot be read (${error.code}); check the path`);
  });
  context.show(upload, () => [upload.id]);
}
