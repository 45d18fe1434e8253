import { isIP } from 'node:net';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { parsePort } from '../parsers.js';
import { surviveLostOutput } from '../terminal.js';

interface UpOptions {
  home?: string;
  host?: string;
  port?: number;
}

const help = `
Options win over TRAINYARD_HOME, TRAINYARD_HOST and TRAINYARD_PORT. Every call needs a
key; the first is made at the first start, for this user. From another terminal:
trainyard status, trainyard stop.`;

export function addUp(program: Command, context: Context): void {
  program
    .command('up')
    .description('run everything on this machine until stopped: Postgres, API, worker')
    .option('--home <folder>', 'where all data is (default: TRAINYARD_HOME, else ~/.trainyard)')
    .option('--host <address>', 'address to listen on (default: TRAINYARD_HOST, else 127.0.0.1: this machine alone)')
    .option('--port <number>', 'port to listen on, 0 for a free one (default: TRAINYARD_PORT, else 4600)', parsePort)
    .addHelpText('after', help)
    .action((options: UpOptions) => up(context, options));
}

async function up(context: Context, { home, host, port }: UpOptions): Promise<void> {
  const { terminal } = context;
  surviveLostOutput();
  context.override({ TRAINYARD_HOME: home, TRAINYARD_HOST: host, TRAINYARD_PORT: port?.toString() });
  const { config } = context;
  // Only this command needs these modules; loading them for all would make each of them start later.
  const { runStack } = await import('@trainyard/embedded');
  const { prepareNative } = await import('../prepareNative.js');
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: import.meta.resolve('@trainyard/worker/main'),
  };
  if (!isLoopback(config.host))
    terminal.print(`Other machines can reach ${config.host}. It speaks plain HTTP: put a proxy with TLS before it.`);
  const prepare = () => prepareNative(config, terminal);
  await runStack({ settings: config, entries, print: (line) => terminal.print(line), prepare });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
