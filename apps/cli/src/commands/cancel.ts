import type { Command } from 'commander';
import type { Context } from '../context.js';
import { paintState } from '../format/jobs.js';

export function addCancel(program: Command, context: Context): void {
  program
    .command('cancel')
    .description('cancel a job: at once when it waits, within a second when it runs')
    .argument('<job>', 'its id')
    .action(async (id: string) => {
      const job = await (await context.client()).cancel(id);
      context.show(job, () => [`${job.id}  ${paintState(context.terminal, job.state)}`]);
    });
}
