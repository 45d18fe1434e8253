import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatDuration } from '../format/numbers.js';
import { parseSeconds } from '../parsers.js';

interface StopOptions {
  home?: string;
  timeout: number;
}

const help = `
A running job is handed back and continues at the next start. Only the process that holds
the home's lock is stopped: an id that a dead one has left in a file is not believed.`;

export function addStop(program: Command, context: Context): void {
  program
    .command('stop')
    .description('stop what `trainyard up` runs on this machine, and wait until it has ended')
    .option('--home <folder>', 'of the stack (default: TRAINYARD_HOME, else ~/.trainyard)')
    .option('--timeout <seconds>', 'wait no longer than this', parseSeconds, 90)
    .addHelpText('after', help)
    .action((options: StopOptions) => stop(context, options));
}

async function stop(context: Context, { home, timeout }: StopOptions): Promise<void> {
  context.override({ TRAINYARD_HOME: home });
  const { home: folder, folders } = context.config;
  const { stopStack } = await import('@trainyard/embedded');
  const began = Date.now();
  const print = (line: string) => (context.json ? undefined : context.terminal.print(line));
  const pid = await stopStack({ home: folder, postgres: folders.postgres, seconds: timeout, print });
  const seconds = (Date.now() - began) / 1000;
  context.show({ home: folder, pid, stopped: pid !== null }, () => [
    pid === null ? `nothing runs on ${folder}` : `Stopped what ran on ${folder}, after ${formatDuration(seconds)}.`,
  ]);
}
