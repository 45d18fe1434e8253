import type { HistoryQuery } from '@trainyard/client';
import { InvalidInputError } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatEpochCurves } from '../format/epochs.js';
import { formatFacets } from '../format/facets.js';
import { formatHistory, formatResults } from '../format/results.js';
import { parseJobId, parseShare, parseTime, parseWholeNumber } from '../parsers.js';

interface HistoryOptions {
  dataset?: string;
  architecture?: string;
  experiment?: string;
  minAccuracy?: number;
  maxAccuracy?: number;
  from?: string;
  to?: string;
  filter?: string;
  partial?: boolean;
  sort?: string;
  limit?: number;
  cursor?: string;
  wide?: boolean;
  csv?: boolean;
  countBy?: string;
}

export function addResults(program: Command, context: Context): void {
  program
    .command('results')
    .description('test results of one job with its curves, or without an id the history of all tested jobs')
    .argument('[job]', 'its id', parseJobId)
    .option('--dataset <name>', 'history: only runs on this dataset')
    .option('--architecture <name>', 'history: only runs of this preset, or custom')
    .option('--experiment <text>', 'history: only runs of this experiment')
    .option('--min-accuracy <share>', 'history: test accuracy from this on, e.g. 0.6 or 60%', parseShare)
    .option('--max-accuracy <share>', 'history: test accuracy up to this', parseShare)
    .option('--from <time>', 'history: finished at or after', parseTime)
    .option('--to <time>', 'history: finished before', parseTime)
    .option('--filter <expression>', `history: e.g. 'test.accuracy >= 0.7 AND recall.cat > 0.5'; docs/query.md`)
    .option('--partial', 'history: also jobs that failed after their best epoch was reached')
    .option('--sort <field>', 'history: any field of a filter; --sort=-test.accuracy is the highest first')
    .option('--limit <count>', 'history: how many', parseWholeNumber, 20)
    .option('--cursor <text>', 'history: go on where an earlier list ended')
    .option('--wide', 'history: more columns than fit into 80')
    .addOption(
      new Option(
        '--count-by <field>',
        'history: runs with each value, e.g. of architecture, tag, optimizer.type',
      ).conflicts(['csv', 'sort', 'cursor', 'wide']),
    )
    .option('--csv', 'history: all rows that match, as CSV, whatever the limit')
    .action((id: string | undefined, options: HistoryOptions) =>
      id === undefined ? history(context, options) : results(context, id, options.csv),
    );
}

async function results(context: Context, id: string, csv = false): Promise<void> {
  if (csv) throw new InvalidInputError('--csv is for the history of all jobs; leave the id out');
  const client = await context.client();
  const tested = await client.results(id);
  const epochs = context.json ? [] : await client.metrics(id);
  context.show(tested, () => [...formatResults(tested, context.charts), ...formatEpochCurves(epochs, context.charts)]);
}

async function historyCsv(context: Context, query: HistoryQuery): Promise<void> {
  const client = await context.client();
  for await (const bytes of client.historyCsv(query)) await context.terminal.write(bytes);
}

async function history(context: Context, options: HistoryOptions): Promise<void> {
  const { wide: _, csv, countBy, ...query } = options;
  if (countBy !== undefined) return counts(context, countBy, query);
  if (csv) return historyCsv(context, defined(query));
  const page = await (await context.client()).history(defined(query));
  context.show(page, () => {
    if (page.data.length === 0) return ['no results'];
    const more = page.nextCursor === null ? [] : ['', `more: --cursor ${page.nextCursor}`];
    return [...formatHistory(page.data, { width: context.terminal.columns, wide: options.wide ?? false }), ...more];
  });
}

async function counts(context: Context, field: string, options: HistoryOptions): Promise<void> {
  const { sort: _, cursor: __, ...query } = options;
  const facets = await (await context.client()).facets(field, defined(query));
  context.show(facets, () => formatFacets(facets, context.terminal.columns));
}
