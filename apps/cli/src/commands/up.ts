import type { Command } from 'commander';
import type { Context } from '../context.js';
import { surviveLostOutput } from '../terminal.js';

export function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .description('run everything on this machine until stopped: Postgres, API, worker')
    .action(() => up(context));
}

async function up({ config, terminal }: Context): Promise<void> {
  surviveLostOutput();
  // Only this command needs these modules; loading them for all would make each of them start later.
  const { runStack } = await import('@trainyard/embedded');
  const { prepareNative } = await import('../prepareNative.js');
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: import.meta.resolve('@trainyard/worker/main'),
  };
  const prepare = () => prepareNative(config, terminal);
  await runStack({ settings: config, entries, print: (line) => terminal.print(line), prepare });
}
