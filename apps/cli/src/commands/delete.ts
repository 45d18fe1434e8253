import type { Command } from 'commander';
import type { Context } from '../context.js';
import { parseJobId } from '../parsers.js';

export function addDelete(program: Command, context: Context): void {
  program
    .command('delete')
    .description('delete a job that has ended, with its metrics, results and checkpoints; nothing brings it back')
    .argument('<job>', 'its id', parseJobId)
    .action(async (id: string) => {
      await (await context.client()).delete(id);
      context.show({ id, deleted: true }, () => [`${id}  deleted`]);
    });
}
