import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatEpochTable } from '../format/epochs.js';
import { formatJob, paintState } from '../format/jobs.js';

export function addShow(program: Command, context: Context): void {
  program
    .command('show')
    .description('all about one job')
    .argument('<job>', 'its id')
    .option('--epochs', 'with a line an epoch')
    .option('--spec', 'only its complete spec, as JSON that can be submitted again')
    .action((id: string, options: { epochs?: boolean; spec?: boolean }) => show(context, id, options));
}

async function show(context: Context, id: string, options: { epochs?: boolean; spec?: boolean }): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const job = await client.job(id);
  if (options.spec) return terminal.print(JSON.stringify(job.spec, null, 2));
  const epochs = options.epochs ? await client.metrics(id) : null;
  context.show(epochs ? { ...job, epochs } : job, () => [
    `${job.id}  ${paintState(terminal, job.state)}`,
    ...formatJob(job),
    ...(epochs ? ['', ...formatEpochTable(epochs)] : []),
  ]);
}
