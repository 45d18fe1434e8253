import { type ExportFormat, InvalidInputError } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { saveTensorBoard } from '../download/saveTensorBoard.js';
import { writeWhole } from '../download/writeWhole.js';
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
  foreign?: boolean;
  sort?: string;
  limit?: number;
  cursor?: string;
  wide?: boolean;
  csv?: boolean;
  format?: ExportFormat | 'tensorboard';
  columns?: string;
  output?: string;
  force?: boolean;
  countBy?: string;
}

const historyFormats: ExportFormat[] = ['csv', 'ndjson', 'parquet'];
const tensorBoardUsage =
  'an event file is of one job and needs a folder: trainyard results <job> --format tensorboard <folder>';

export function addResults(program: Command, context: Context): void {
  program
    .command('results')
    .description('test results of one job with its curves, or without an id the history of all tested jobs')
    .argument('[job]', 'its id', parseJobId)
    .argument('[folder]', 'of one job with --format tensorboard: where its event file is written')
    .option('--dataset <name>', 'history: only runs on this dataset')
    .option('--architecture <name>', 'history: only runs of this preset, or custom')
    .option('--experiment <text>', 'history: only runs of this experiment')
    .option('--min-accuracy <share>', 'history: test accuracy from this on, e.g. 0.6 or 60%', parseShare)
    .option('--max-accuracy <share>', 'history: test accuracy up to this', parseShare)
    .option('--from <time>', 'history: finished at or after', parseTime)
    .option('--to <time>', 'history: finished before', parseTime)
    .option('--filter <expression>', `history: e.g. 'test.accuracy >= 0.7 AND recall.cat > 0.5'; docs/query.md`)
    .option('--partial', 'history: also jobs that failed after their best epoch was reached')
    .option('--foreign', 'history: also runs that were imported from elsewhere')
    .option('--sort <fields>', 'history: any fields of a filter; --sort=-test.accuracy,parameters')
    .option('--limit <count>', 'history: how many', parseWholeNumber, 20)
    .option('--cursor <text>', 'history: go on where an earlier list ended')
    .option('--wide', 'history: more columns than fit into 80')
    .addOption(
      new Option(
        '--count-by <field>',
        'history: runs with each value, e.g. of architecture, tag, optimizer.type',
      ).conflicts(['csv', 'format', 'sort', 'cursor', 'wide', 'columns']),
    )
    .addOption(
      new Option(
        '--format <format>',
        'history: all rows that match, with the measures of each class, as a file; of one job: tensorboard',
      ).choices([...historyFormats, 'tensorboard']),
    )
    .addOption(new Option('--csv', 'history: short for --format csv').conflicts('format'))
    .option('--columns <fields>', 'history: of the file, e.g. name,test.accuracy,recall.cat; needs --format')
    .option('-o, --output <file>', 'history: where the file is written, or - for standard output; needs --format', '-')
    .option('--force', 'history: replace a file that is there')
    .action((id: string | undefined, folder: string | undefined, options: HistoryOptions, command: Command) => {
      if (id === undefined) return history(context, options);
      const isTensorBoard = options.format === 'tensorboard';
      refuseOptions(command, isTensorBoard ? ['format'] : []);
      if (isTensorBoard !== (folder !== undefined)) throw new InvalidInputError(tensorBoardUsage);
      return folder === undefined ? results(context, id) : tensorBoard(context, id, folder);
    });
}

/** Other options of the command are for the history. @throws InvalidInputError */
function refuseOptions(command: Command, allowed: readonly string[]): void {
  const isGiven = (name: string) => !allowed.includes(name) && command.getOptionValueSource(name) === 'cli';
  const given = command.options.filter((option) => isGiven(option.attributeName()));
  const names = given.map(({ long }) => long).join(', ');
  if (names === '') return;
  const are = given.length === 1 ? 'is' : 'are';
  throw new InvalidInputError(`${names} ${are} for the history of all jobs; leave the id out`);
}

async function results(context: Context, id: string): Promise<void> {
  const client = await context.client();
  const tested = await client.results(id);
  const epochs = context.json ? [] : await client.metrics(id);
  context.show(tested, () => [...formatResults(tested, context.charts), ...formatEpochCurves(epochs, context.charts)]);
}

async function tensorBoard(context: Context, id: string, folder: string): Promise<void> {
  const path = await saveTensorBoard(await context.client(), id, folder);
  context.show({ path }, () => [path, `tensorboard --logdir ${folder} shows it`]);
}

async function historyFile(context: Context, format: ExportFormat, options: HistoryOptions): Promise<void> {
  const { output = '-', force = false, limit: _, ...query } = options;
  const { terminal } = context;
  if (format === 'parquet' && output === '-' && terminal.isTTY) {
    throw new InvalidInputError('a Parquet file is no text for a terminal; add --output history.parquet');
  }
  const client = await context.client();
  const done = await context.interruptible(async (signal) => {
    const bytes = client.historyFile(format, defined(query), { signal });
    const pass = async (write: (part: Uint8Array) => Promise<void>) => {
      for await (const part of bytes) await write(part);
    };
    if (output !== '-') await writeWhole(output, { force }, pass);
    else await pass((part) => terminal.write(part));
    return true;
  });
  if (done === null) terminal.warn('the export was stopped; no file of it is left');
}

async function history(context: Context, options: HistoryOptions): Promise<void> {
  const { wide, csv, countBy, format = csv ? 'csv' : undefined, output, force, columns, ...query } = options;
  if (countBy !== undefined) return counts(context, countBy, query);
  if (format === 'tensorboard') throw new InvalidInputError(tensorBoardUsage);
  if (format !== undefined) return historyFile(context, format, { ...query, columns, output, force });
  if (output !== '-') throw new InvalidInputError('--output needs --format: csv, ndjson or parquet');
  if (columns !== undefined) throw new InvalidInputError('--columns needs --format: csv, ndjson or parquet');
  const client = await context.client();
  const { foreign = false, ...rest } = query;
  const page = foreign ? await client.historyWithForeign(defined(rest)) : await client.history(defined(rest));
  context.show(page, () => {
    if (page.data.length === 0) return ['no results'];
    const more = page.nextCursor === null ? [] : ['', `more: --cursor ${page.nextCursor}`];
    return [...formatHistory(page.data, { width: context.terminal.columns, wide: wide ?? false }), ...more];
  });
}

async function counts(context: Context, field: string, options: HistoryOptions): Promise<void> {
  const { sort: _, cursor: __, ...query } = options;
  const facets = await (await context.client()).facets(field, defined(query));
  context.show(facets, () => formatFacets(facets, context.terminal.columns));
}
