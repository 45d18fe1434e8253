import type { LogLine } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatLogLine } from '../format/logs.js';
import { parseJobId, parseTail } from '../parsers.js';

interface LogsOptions {
  follow?: boolean;
  tail?: number;
}

const help = `
The log has what happened to the job, why an attempt failed, and what its trainer wrote.

Examples:
  trainyard logs job_…                 why it failed
  trainyard logs job_… -f --tail 5     what it does now`;

export function addLogs(program: Command, context: Context): void {
  program
    .command('logs')
    .description('the log of one job')
    .argument('<job>', 'its id', parseJobId)
    .option('-f, --follow', 'go on with new lines until the job has ended')
    .option('-n, --tail <count>', 'only the last so many lines, at most 1000', parseTail)
    .addHelpText('after', help)
    .action((id: string, options: LogsOptions) => logs(context, id, options));
}

async function logs(context: Context, id: string, { follow, tail }: LogsOptions): Promise<void> {
  const { terminal, json } = context;
  const client = await context.client();
  const lines: LogLine[] = [];
  const print = (line: LogLine) => {
    if (!json) for (const text of formatLogLine(line, terminal)) terminal.print(text);
    else if (follow) terminal.print(JSON.stringify(line));
    else lines.push(line);
  };
  let after = 0;
  if (tail !== undefined || !follow) {
    for await (const line of client.logs(id, tail === undefined ? {} : { tail })) {
      print(line);
      after = line.sequence;
    }
  }
  if (!follow) return json ? context.show({ data: lines }, () => []) : undefined;
  const ended = await context.interruptible(async (signal) => {
    for await (const line of client.followLogs(id, { after, signal })) print(line);
    signal.throwIfAborted();
    return true;
  });
  if (ended === null) terminal.warn('the job goes on');
}
