import type { Experiment } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatPercent, formatTime } from '../format/numbers.js';
import { type Column, formatTable } from '../format/table.js';
import { parseWholeNumber } from '../parsers.js';

export function addExperiments(program: Command, context: Context): void {
  program
    .command('experiments')
    .description('list experiments by name: jobs, best accuracy, last activity')
    .option('--limit <count>', 'how many', parseWholeNumber, 50)
    .option('--cursor <text>', 'go on where an earlier list ended')
    .action((options: { limit?: number; cursor?: string }) => list(context, options));
}

async function list(context: Context, options: { limit?: number; cursor?: string }): Promise<void> {
  const page = await (await context.client()).experiments(defined(options));
  context.show(page, () => {
    if (page.data.length === 0) return ['no experiments'];
    const more = page.nextCursor === null ? [] : ['', `more: --cursor ${page.nextCursor}`];
    return [...formatTable(columns, page.data, context.terminal.columns), ...more];
  });
}

/** e.g. `3 succeeded, 1 queued` */
const formatStates = ({ states }: Experiment): string =>
  Object.entries(states)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

const columns: Column<Experiment>[] = [
  { title: 'experiment', cell: ({ name }) => name, elastic: 'end' },
  { title: 'jobs', cell: formatStates, elastic: 'end' },
  { title: 'best', cell: ({ best }) => (best ? formatPercent(best.accuracy, 2) : ''), align: 'right' },
  { title: 'last activity', cell: ({ lastActivity }) => formatTime(lastActivity) },
];
