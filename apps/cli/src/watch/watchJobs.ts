import type { TrainyardClient } from '@trainyard/client';
import type { Job } from '@trainyard/contracts';
import type { Context } from '../context.js';
import { exitCodeOfJobs } from '../exitCodes.js';
import { formatBoard, formatStates, formatWatched } from '../format/watchedJobs.js';

/**
 * Follows jobs until all have ended: on a TTY a table of those that have not, which is drawn over, and a line for each
 * that has; piped, a line whenever a job is in another state or epoch, with `--json` the job itself. Sets the exit code
 * as `wait` does. Ctrl-C ends the watching; the jobs go on.
 */
export async function watchJobs(context: Context, client: TrainyardClient, ids: readonly string[]): Promise<void> {
  const { terminal, json } = context;
  const jobs = new Map<string, Job>();
  const print = (job: Job) => {
    const before = jobs.get(job.id);
    jobs.set(job.id, job);
    if (isAsBefore(job, before)) return;
    if (json) terminal.print(JSON.stringify(job));
    else if (job.terminal || !terminal.isTTY) terminal.print(formatWatched(job, terminal));
  };
  const statesOf = () => [...jobs.values()].map(({ state }) => state);
  const whole = await context.interruptible(async (signal) => {
    for await (const changed of client.watchJobs(ids, { signal })) {
      changed.forEach(print);
      const open = [...jobs.values()].filter((job) => !job.terminal);
      if (!json) terminal.status(open.length === 0 ? '' : formatBoard(open, statesOf(), terminal));
    }
    signal.throwIfAborted();
    return true;
  });
  if (whole === null) return terminal.warn('the jobs go on');
  if (!json) terminal.print(formatStates(statesOf()));
  context.exitCode = exitCodeOfJobs(statesOf());
}

const isAsBefore = (job: Job, before: Job | undefined): boolean =>
  before !== undefined && job.state === before.state && job.progress?.epoch === before.progress?.epoch;
