import type { JobState } from '@trainyard/contracts';
import { jobStateSchema } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatJobs } from '../format/jobs.js';
import { parseWholeNumber } from '../parsers.js';

interface ListOptions {
  state?: JobState[];
  experiment?: string;
  architecture?: string;
  filter?: string;
  sort?: string;
  limit?: number;
  cursor?: string;
}

export function addList(program: Command, context: Context): void {
  program
    .command('list')
    .alias('ls')
    .description('list jobs')
    .addOption(new Option('--state <state...>', 'only jobs in these states').choices(jobStateSchema.options))
    .option('--experiment <text>', 'only jobs of this experiment')
    .option('--architecture <name>', 'only jobs of this preset, or custom')
    .option('--filter <expression>', `e.g. 'state = failed AND created > "7d ago"'; docs/query.md`)
    .option('--sort <fields>', 'any fields of a filter; --sort=-created, the default, is newest first')
    .option('--limit <count>', 'how many', parseWholeNumber, 20)
    .option('--cursor <text>', 'go on where an earlier list ended')
    .action((options: ListOptions) => list(context, options));
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const page = await (await context.client()).jobs(defined(options));
  context.show(page, () => {
    if (page.data.length === 0) return ['no jobs'];
    const more = page.nextCursor === null ? [] : ['', `more: --cursor ${page.nextCursor}`];
    return [...formatJobs(page.data, context.terminal.columns), ...more];
  });
}
