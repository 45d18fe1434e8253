import type { Command } from 'commander';
import type { Context } from '../context.js';

/** What `up` needs (Postgres, the API) is loaded only when it is asked for. */
export function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .description('run everything on this machine until stopped: Postgres, API, worker')
    .action(async () => {
      const { up } = await import('../up/index.js');
      await up(context.config, (line) => context.terminal.print(line));
    });
}
