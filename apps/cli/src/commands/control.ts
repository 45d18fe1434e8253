import { type BulkAction, type BulkAnswer, InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { paintState } from '../format/jobs.js';
import { counted } from '../format/numbers.js';
import { parseJobId } from '../parsers.js';
import { printable } from '../terminal.js';

/** Commands that control a job; each key is the name of the command and of the client's method. */
const controls = {
  pause: 'pause a job: at once when it waits; when it runs, after it has written a checkpoint',
  resume: 'continue a paused job from its checkpoint',
  cancel: 'cancel a job, or all of a filter: at once when it waits, within a second when it runs',
  retry: 'run a failed or cancelled job again, or all of a filter, from the last checkpoint if there is one',
} as const;

export interface BulkOptions {
  filter?: string;
  dryRun?: boolean;
}

export function addControls(program: Command, context: Context): void {
  for (const [name, description] of Object.entries(controls) as [keyof typeof controls, string][]) {
    const command = program.command(name).description(description);
    const one = async (id: string) => {
      const client = await context.client();
      const job = await client[name](id);
      context.show(job, () => [`${job.id}  ${paintState(context.terminal, job.state)}`]);
    };
    if (name === 'cancel' || name === 'retry') addBulk(command, context, name, one);
    else command.argument('<job>', 'its id', parseJobId).action(one);
  }
  program
    .command('tag')
    .description('add tags to all jobs of a filter, or remove them; `edit` changes those of one job')
    .argument('<tag...>', 'the tags')
    .requiredOption('--filter <expression>', `which jobs, e.g. 'experiment = night AND test.accuracy > 0.7'`)
    .option('--remove', 'remove the tags')
    .option('--dry-run', 'only count the jobs')
    .action((tags: string[], { remove, filter = '', dryRun }: BulkOptions & { remove?: boolean }) =>
      bulk(context, remove ? 'untag' : 'tag', { filter, dryRun: dryRun ?? false, tags }),
    );
}

/** Lets a command take the id of a job, or a filter. */
export function addBulk(
  command: Command,
  context: Context,
  action: BulkAction,
  one: (id: string) => Promise<void>,
): void {
  command
    .argument('[job]', 'its id', parseJobId)
    .option('--filter <expression>', `all jobs for which it is true, e.g. 'state = queued AND tag : night'`)
    .option('--dry-run', 'with --filter: only count the jobs')
    .action(async (id: string | undefined, { filter, dryRun = false }: BulkOptions) => {
      if ((id === undefined) === (filter === undefined))
        throw new InvalidInputError(`${action} needs the id of a job, or --filter`);
      if (filter !== undefined) return bulk(context, action, { filter, dryRun });
      if (dryRun) throw new InvalidInputError('--dry-run counts the jobs of --filter');
      await one(id ?? '');
    });
}

const verbs: Record<BulkAction, string> = {
  cancel: 'cancelled',
  retry: 'queued again',
  delete: 'deleted',
  tag: 'tagged',
  untag: 'changed',
};

async function bulk(
  context: Context,
  action: BulkAction,
  body: { filter: string; dryRun: boolean; tags?: string[] },
): Promise<void> {
  const answer = await (await context.client()).bulk({ action, ...body });
  context.show(answer, () => formatBulk(answer));
}

/** Refusals that are printed; `--json` has all that the service lists. */
const printedRefusals = 10;

function formatBulk({ action, dryRun, matched, changed, unchanged, refusedCount, refused }: BulkAnswer): string[] {
  const shown = refused.slice(0, printedRefusals);
  const more = refusedCount - shown.length;
  return [
    `${counted(changed, 'job')} ${dryRun ? 'would be ' : ''}${verbs[action]}, of ${matched} that match`,
    ...(unchanged > 0 ? [`${unchanged} need no change`] : []),
    ...(refusedCount > 0 ? [`${refusedCount} refused:`] : []),
    ...shown.map(({ reason }) => `  ${printable(reason)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
