import type { TrainyardClient } from '@trainyard/client';
import type { JobEvent } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatEpochCurves, formatEpochTable } from '../format/epochs.js';
import { formatJob, paintState } from '../format/jobs.js';
import { formatClasses } from '../format/results.js';
import { parseJobId } from '../parsers.js';
import { printable } from '../terminal.js';
import { messageOf } from '../watch/eventData.js';

export function addShow(program: Command, context: Context): void {
  program
    .command('show')
    .description('all about one job')
    .argument('<job>', 'its id', parseJobId)
    .option('--epochs', 'with a line an epoch')
    .option('--spec', 'only its complete spec, as JSON that can be submitted again')
    .action((id: string, options: { epochs?: boolean; spec?: boolean }) => show(context, id, options));
}

/** What the job's worker warned of, in all attempts; each warning once. */
async function warningsOf(client: TrainyardClient, id: string): Promise<JobEvent[]> {
  const warnings = new Map<string, JobEvent>();
  for await (const event of client.eventsSoFar(id)) {
    if (event.type === 'warning') warnings.set(messageOf(event), event);
  }
  return [...warnings.values()];
}

async function show(context: Context, id: string, options: { epochs?: boolean; spec?: boolean }): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const job = await client.job(id);
  if (options.spec) return terminal.print(JSON.stringify(job.spec, null, 2));
  const epochs = options.epochs || !context.json ? await client.metrics(id) : null;
  const tested = job.test && !context.json ? await client.results(id) : null;
  const warnings = await warningsOf(client, id);
  context.show({ ...job, warnings, ...(epochs && { epochs }) }, () => [
    `${job.id}  ${paintState(terminal, job.state)}`,
    ...formatJob(job),
    ...warnings.map((event) => terminal.paint('yellow', `  warning: ${printable(messageOf(event))}`)),
    ...(epochs && options.epochs ? ['', ...formatEpochTable(epochs)] : []),
    ...(epochs ? formatEpochCurves(epochs, context.charts) : []),
    ...(tested ? ['', 'Test accuracy of each class', ...formatClasses(tested.classes, context.charts)] : []),
  ]);
}
