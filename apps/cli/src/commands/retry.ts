import type { Command } from 'commander';
import type { Context } from '../context.js';
import { paintState } from '../format/jobs.js';

export function addRetry(program: Command, context: Context): void {
  program
    .command('retry')
    .description('run a failed or cancelled job again, from its last checkpoint if it has one')
    .argument('<job>', 'its id')
    .action(async (id: string) => {
      const job = await (await context.client()).retry(id);
      context.show(job, () => [`${job.id}  ${paintState(context.terminal, job.state)}`]);
    });
}
