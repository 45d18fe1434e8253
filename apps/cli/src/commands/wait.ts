import type { Job } from '@trainyard/contracts';
import { timeLimit } from '@trainyard/process';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { exitCodeOfJobs, exitCodes } from '../exitCodes.js';
import { paintState } from '../format/jobs.js';
import { collectJobIds, parseSeconds } from '../parsers.js';

const help = `
The exit code is 0 when all have succeeded, 1 when one has failed, otherwise 3 when
one was cancelled, and 6 when the time is over. A paused job has not ended.

Example:
  trainyard wait job_… job_… --timeout 3600 && trainyard results`;

export function addWait(program: Command, context: Context): void {
  program
    .command('wait')
    .description('wait until jobs have ended; the exit code says how')
    .argument('<job...>', 'their ids', collectJobIds)
    .option('--timeout <seconds>', 'wait no longer than this', parseSeconds)
    .addHelpText('after', help)
    .action((ids: string[], options: { timeout?: number }) => wait(context, ids, options));
}

async function wait(context: Context, ids: string[], { timeout }: { timeout?: number }): Promise<void> {
  const { terminal, json } = context;
  const client = await context.client();
  const ended: Job[] = [];
  const deadline = timeout === undefined ? new AbortController().signal : timeLimit(timeout * 1000);
  const whole = await context.interruptible(async (interrupt) => {
    for await (const changed of client.watchJobs(ids, { signal: AbortSignal.any([interrupt, deadline]) })) {
      for (const job of changed.filter(({ terminal: hasEnded }) => hasEnded)) {
        ended.push(job);
        if (!json) terminal.print(`${job.id}  ${paintState(terminal, job.state)}`);
      }
    }
    interrupt.throwIfAborted();
    return true;
  });
  if (json) context.show({ data: ended }, () => []);
  if (whole === null) return terminal.warn('the jobs go on');
  context.exitCode = exitCodeOfJobs(ended.map(({ state }) => state));
  const all = new Set(ids).size;
  const left = all - ended.length;
  if (left === 0) return;
  terminal.warn(
    deadline.aborted
      ? `${left} of ${all} jobs have not ended after ${timeout} s; they go on`
      : `${left} of ${all} jobs were deleted meanwhile: how they had ended is unknown`,
  );
  context.exitCode = deadline.aborted ? exitCodes.timedOut : exitCodes.failed;
}
