import { InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatJob, paintState } from '../format/jobs.js';
import { collect, parseJobId, parseWholeNumber } from '../parsers.js';

/** false: the option with `no-`, which resets the field. */
interface EditOptions {
  name?: string | false;
  tag?: string[] | false;
  notes?: string | false;
  priority?: number;
}

export function addEdit(program: Command, context: Context): void {
  program
    .command('edit')
    .description('change name, tags, notes or priority of a job; one that waits moves to its new place in the queue')
    .argument('<job>', 'its id', parseJobId)
    .option('--name <text>', 'name of the job')
    .option('--no-name', 'no name')
    .option('--tag <text>', 'in place of the tags that it has; may be given again', collect)
    .option('--no-tag', 'no tags')
    .option('--notes <text>', 'in place of the notes that it has')
    .option('--no-notes', 'no notes')
    .option('--priority <number>', 'higher runs sooner; 0 is the default', parseWholeNumber)
    .action((id: string, options: EditOptions) => edit(context, id, options));
}

const orNull = <T>(value: T | false | undefined): T | null | undefined => (value === false ? null : value);

async function edit(context: Context, id: string, { name, tag, notes, priority }: EditOptions): Promise<void> {
  const patch = defined({ name: orNull(name), tags: orNull(tag), notes: orNull(notes), priority });
  if (Object.keys(patch).length === 0)
    throw new InvalidInputError('nothing to change: give --name, --tag, --notes or --priority');
  const job = await (await context.client()).edit(id, patch);
  context.show(job, () => [`${job.id}  ${paintState(context.terminal, job.state)}`, ...formatJob(job)]);
}
