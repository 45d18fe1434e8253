import { UnreachableError } from '@trainyard/client';
import { TrainyardError } from '@trainyard/contracts';
import { CommanderError } from 'commander';
import { buildProgram } from './commands.js';
import { Context } from './context.js';
import { exitCodeOfError } from './exitCodes.js';
import { printable, type Terminal } from './terminal.js';

/**
 * Runs one command line, without the names of node and the script. Throws nothing: this is where errors become messages
 * and exit codes.
 * @returns the exit code.
 */
export async function run(argv: string[], terminal: Terminal, env: NodeJS.ProcessEnv): Promise<number> {
  const context = new Context(terminal, env);
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    terminal.status('');
    // Commander has printed its own message already.
    if (!(error instanceof CommanderError)) report(error, context);
    return exitCodeOfError(error);
  }
}

function report(error: unknown, { terminal, json }: Context): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof TrainyardError ? error.code : 'internal';
  const faults = error instanceof TrainyardError ? error.faults : [];
  if (json) {
    terminal.warn(JSON.stringify({ code, detail: message, errors: faults }));
    return;
  }
  terminal.warn(`${terminal.paint('red', 'error:')} ${printable(message)}`);
  const width = Math.max(...faults.map(({ pointer }) => pointer.length), 0);
  if (error instanceof UnreachableError) terminal.warn('  `trainyard up` starts a service on this machine');
  // A message about one fault contains it already.
  for (const { pointer, detail } of faults.length === 1 && message.includes(faults[0]?.detail ?? '') ? [] : faults)
    terminal.warn(`  ${printable(pointer).padEnd(width)}  ${printable(detail)}`);
}
