import type { Command } from 'commander';
import type { Context } from '../context.js';
import { parseJobId } from '../parsers.js';
import { watchJob } from '../watch/watchJob.js';

export function addWatch(program: Command, context: Context): void {
  program
    .command('watch')
    .description('follow a job to its end; the exit code is the job’s')
    .argument('<job>', 'its id', parseJobId)
    .action(async (id: string) => watchJob(context, await context.client(), id));
}
