import type { TrainyardClient } from '@trainyard/client';
import { InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { collectJobIds } from '../parsers.js';
import { watchJob } from '../watch/watchJob.js';
import { watchJobs } from '../watch/watchJobs.js';

/** To read them once takes this many hundredths of seconds: one request a second for a hundred. */
const mostJobs = 1000;

const help = `
Of several jobs, and with --filter or --tag, a terminal shows a table that is drawn
over; a pipe gets a line when a job is in another state or epoch, with --json the job.
A filter is asked once: jobs that are submitted later are not watched. The exit code
is then 0 when all have succeeded, 1 when one has failed, otherwise 3 when one was
cancelled.

Example:
  trainyard watch --filter 'tag = sweep1 AND state IN (queued, running)'`;

interface WatchCommandOptions {
  filter?: string;
  tag?: string;
}

export function addWatch(program: Command, context: Context): void {
  program
    .command('watch')
    .description('follow jobs to their end; the exit code says how they have ended')
    .argument('[job...]', 'their ids', collectJobIds)
    .option('--filter <expression>', `all jobs for which it is true, e.g. 'state = running'; docs/query.md`)
    .option('--tag <text>', 'all jobs that have this tag')
    .addHelpText('after', help)
    .action((ids: string[], options: WatchCommandOptions) => watch(context, ids, options));
}

async function watch(context: Context, ids: string[], { filter, tag }: WatchCommandOptions): Promise<void> {
  if ([ids.length > 0, filter !== undefined, tag !== undefined].filter(Boolean).length !== 1)
    throw new InvalidInputError('watch needs ids of jobs, or --filter, or --tag');
  const client = await context.client();
  const [first, ...others] = ids;
  if (first !== undefined && others.length === 0) return watchJob(context, client, first);
  await watchJobs(context, client, await chosen(client, ids, filter ?? (tag && `tag = ${quoted(tag)}`)));
}

/** @throws InvalidInputError where a filter is true for no job: one that is misspelt must not look like success. */
async function chosen(client: TrainyardClient, ids: string[], filter: string | undefined): Promise<string[]> {
  const found = [...ids];
  if (filter !== undefined) {
    for await (const { id } of client.allJobs({ filter, limit: 500 })) {
      found.push(id);
      if (found.length > mostJobs) break;
    }
    if (found.length === 0) throw new InvalidInputError(`there is no job for which this is true: ${filter}`);
  }
  if (found.length > mostJobs) throw new InvalidInputError(`at most ${mostJobs} jobs can be watched at once`);
  return found;
}

/** As the filter language has texts. */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
