import type { CheckpointRef } from '@trainyard/client';
import type { Alias, AliasMove } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatTime } from '../format/numbers.js';
import { type Column, formatTable } from '../format/table.js';
import { parseCheckpointRef, parseJobId } from '../parsers.js';

const help = `
Examples:
  trainyard alias set cifar champion job_…
  trainyard alias show cifar champion
  trainyard download cifar@champion --format onnx`;

export function addAlias(program: Command, context: Context): void {
  const aliases = program
    .command('alias')
    .description('name a checkpoint of an experiment, such as champion, and move the name')
    .addHelpText('after', help);
  aliases
    .command('set')
    .description('point an alias, new or not, to a checkpoint of an ended job of the experiment')
    .argument('<experiment>', 'its name')
    .argument('<alias>', 'lower-case letters, digits and -')
    .argument('<job>', 'id of the job', parseJobId)
    .option('--checkpoint <ref>', 'best, last or an epoch', parseCheckpointRef, 'best')
    .action(async (experiment: string, alias: string, jobId: string, { checkpoint }: { checkpoint: CheckpointRef }) => {
      const body = { jobId, checkpoint: String(checkpoint) };
      const set = await (await context.client()).setAlias(experiment, alias, body);
      context.show(set, () => [`${experiment}@${alias} is ${set.jobId}, epoch ${set.epoch}`]);
    });
  aliases
    .command('list')
    .alias('ls')
    .description('list the aliases of an experiment')
    .argument('<experiment>', 'its name')
    .action(async (experiment: string) => {
      const data = await (await context.client()).aliases(experiment);
      const rows = () => formatTable([title, ...columns], data, context.terminal.columns);
      context.show({ data }, () => (data.length === 0 ? ['no aliases'] : rows()));
    });
  aliases
    .command('show')
    .description('show where an alias points, and where it pointed before')
    .argument('<experiment>', 'its name')
    .argument('<alias>', 'its name')
    .action(async (experiment: string, alias: string) => {
      const found = await (await context.client()).alias(experiment, alias);
      context.show(found, () => formatTable(columns, found.history, context.terminal.columns));
    });
  aliases
    .command('remove')
    .alias('rm')
    .description('remove an alias; the checkpoint stays')
    .argument('<experiment>', 'its name')
    .argument('<alias>', 'its name')
    .action(async (experiment: string, alias: string) => {
      await (await context.client()).deleteAlias(experiment, alias);
      context.show({ experiment, alias, removed: true }, () => [`${experiment}@${alias} is removed`]);
    });
}

const title: Column<Alias> = { title: 'alias', cell: ({ alias }) => alias };
const columns: Column<AliasMove>[] = [
  { title: 'job', cell: ({ jobId }) => jobId ?? 'removed' },
  { title: 'epoch', cell: ({ epoch }) => (epoch === null ? '' : String(epoch)), align: 'right' },
  { title: 'since', cell: ({ movedAt }) => formatTime(movedAt) },
  { title: 'key', cell: ({ keyId }) => keyId },
];
