import type { ProjectShare } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { type Column, formatTable } from '../format/table.js';
import { parseNumber } from '../parsers.js';

export function addProjects(program: Command, context: Context): void {
  const projects = program.command('projects').description('list projects, and set how they share the workers');
  const show = (shares: ProjectShare[]) => formatTable(columns, shares, context.terminal.columns);
  projects
    .command('list')
    .alias('ls')
    .description('list projects with their weights, and their jobs in the queue; needs an admin key')
    .action(async () => {
      const data = await (await context.client()).projects();
      context.show({ data }, () => show(data));
    });
  projects
    .command('set')
    .description('set the weight of a project; needs an admin key of the default project')
    .argument('<name>', 'the project')
    .requiredOption(
      '--weight <number>',
      'with 3, three of its jobs start for one of a project of weight 1',
      parseNumber,
    )
    .action(async (name: string, { weight }: { weight: number }) => {
      const share = await (await context.client()).setProject(name, { weight });
      context.show(share, () => show([share]));
    });
}

const columns: Column<ProjectShare>[] = [
  { title: 'project', cell: ({ name }) => name, elastic: 'end' },
  { title: 'weight', cell: ({ weight }) => String(weight), align: 'right' },
  { title: 'queued', cell: ({ queued }) => String(queued), align: 'right' },
  { title: 'running', cell: ({ running }) => String(running), align: 'right' },
];
