import type { CostsRequest } from '@trainyard/contracts';
import { InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatCompareCharts, formatComparison, formatCosts } from '../format/compare.js';
import { collectJobIds } from '../parsers.js';
import { readDocument } from '../spec/readDocument.js';

export function addCompare(program: Command, context: Context): void {
  program
    .command('compare')
    .description('which of several jobs is better, and which only by chance')
    .argument('<jobs...>', 'their ids; the first is the reference of the differences', collectJobIds)
    .option('--classes', 'with the recall of each class')
    .option('--costs <file>', 'by mean cost: a JSON or YAML list of rows, costs[true class][predicted class]')
    .action((jobs: string[], options: { classes?: boolean; costs?: string }) =>
      options.costs === undefined ? compare(context, jobs, options) : byCost(context, jobs, options.costs),
    );
}

async function compare(context: Context, jobs: string[], { classes = false }: { classes?: boolean }): Promise<void> {
  if (jobs.length < 2) throw new InvalidInputError('give the ids of two jobs or more');
  const comparison = await (await context.client()).compare(jobs);
  context.show(comparison, () => [
    ...formatComparison(comparison, { classes, width: context.terminal.columns }),
    ...formatCompareCharts(comparison, context.charts),
  ]);
}

async function byCost(context: Context, jobs: string[], file: string): Promise<void> {
  const costs = (await readDocument(file, context.terminal)) as CostsRequest['costs'];
  const answer = await (await context.client()).rankByCost({ jobs, costs });
  context.show(answer, () => formatCosts(answer, context.terminal.columns));
}
