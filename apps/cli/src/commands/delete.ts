import type { Command } from 'commander';
import type { Context } from '../context.js';
import { addBulk } from './control.js';

export function addDelete(program: Command, context: Context): void {
  const command = program
    .command('delete')
    .description(
      'delete a job that has ended, or all of a filter, with metrics, results and checkpoints; nothing brings it back',
    );
  addBulk(command, context, 'delete', async (id) => {
    await (await context.client()).delete(id);
    context.show({ id, deleted: true }, () => [`${id}  deleted`]);
  });
}
