import type { ReplayReport } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { exitCodes } from '../exitCodes.js';
import { formatFields } from '../format/table.js';
import { collect, parseJobId } from '../parsers.js';
import { assign } from '../spec/assign.js';

interface ReplayOptions {
  set?: string[];
  wait?: boolean;
  report?: boolean;
}

const help = `
With --wait and --report the exit code is 0 where the two jobs are equal or within
tolerance, and 1 where they diverged or one was not trained to its end.

Examples:
  trainyard replay job_… --wait
  trainyard replay job_… --set learningRate=0.02 --wait`;

export function addReplay(program: Command, context: Context): void {
  program
    .command('replay')
    .description('train the stored spec of a job again, and compare every epoch and the weights')
    .argument('<job>', 'its id', parseJobId)
    .option('--set <path=value>', 'change a field of the spec; may be given again', collect)
    .option('--wait', 'wait for the end, and print how the two compare')
    .option('--report', 'how a replay, whose id is given, compares with its original so far')
    .addHelpText('after', help)
    .action((id: string, options: ReplayOptions) => replay(context, id, options));
}

async function replay(context: Context, id: string, { set = [], wait, report }: ReplayOptions): Promise<void> {
  const client = await context.client();
  if (report) return show(context, await client.replayReport(id));
  const changes: Record<string, unknown> = {};
  for (const assignment of set) assign(changes, assignment);
  const job = await client.replay(id, { changes });
  if (!wait) return context.show(job, () => [job.id]);
  if (!context.json) context.terminal.print(job.id);
  const ended = await context.interruptible(async (signal) => {
    await client.waitForJob(id, { signal });
    return client.waitForJob(job.id, { signal });
  });
  if (ended === null) return context.terminal.warn('the job goes on');
  show(context, await client.replayReport(job.id));
}

function show(context: Context, report: ReplayReport): void {
  const { verdict, message, replayOf, epochsCompared, firstDifference, weightsEqual, changed } = report;
  if (verdict === 'diverged' || verdict === 'incomplete') context.exitCode = exitCodes.failed;
  context.show(report, () => [
    message,
    ...formatFields([
      ['original', replayOf],
      ['epochs compared', String(epochsCompared)],
      ['first difference', firstDifference === null ? null : `epoch ${firstDifference}`],
      ['best weights', weightsEqual === null ? 'not compared' : `${weightsEqual ? '' : 'not '}equal`],
      ['changed', changed.length > 0 ? changed.join(', ') : null],
    ]),
  ]);
}
