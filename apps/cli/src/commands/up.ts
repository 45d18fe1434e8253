import type { Command } from 'commander';
import type { Context } from '../context.js';

export function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .description('run everything on this machine until stopped: Postgres, API, worker')
    .action(async () => {
      // Only this command needs the package; loading it for all would make each of them start later.
      const { runStack } = await import('@trainyard/embedded');
      const entries = {
        api: import.meta.resolve('@trainyard/api/server'),
        worker: import.meta.resolve('@trainyard/worker/main'),
      };
      await runStack({ settings: context.config, entries, print: (line) => context.terminal.print(line) });
    });
}
