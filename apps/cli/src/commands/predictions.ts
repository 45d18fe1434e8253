import { type DatasetPredictionsQuery, datasetPredictionsQuerySchema, InvalidInputError } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatImageRuns, formatImages, formatPredictions } from '../format/predictions.js';
import { parseJobId, parseWholeNumber } from '../parsers.js';

interface PageOptions {
  limit?: number;
  cursor?: string;
}

interface JobOptions extends PageOptions {
  actual?: string;
  predicted?: string;
  wrong?: boolean;
}

interface DatasetOptions extends PageOptions {
  show?: DatasetPredictionsQuery['show'];
  actual?: string;
  runs?: number;
}

interface Options extends JobOptions, DatasetOptions {
  dataset?: string;
  image?: number;
  csv?: boolean;
}

export function addPredictions(program: Command, context: Context): void {
  program
    .command('predictions')
    .description('what a tested network said of each test image, or with --dataset which images the runs miss')
    .argument('[job]', 'its id', parseJobId)
    .option('--wrong', 'only images, or with --image runs, that are wrong')
    .option('--actual <class>', 'only images of this class')
    .option('--predicted <class>', 'only images that the network took for this class')
    .option('--csv', 'of a job: all images that match, as CSV, whatever the limit')
    .option('--dataset <name>', 'over the newest runs on this dataset, in place of one job')
    .addOption(
      new Option('--show <images>', 'with --dataset: default missed').choices(
        datasetPredictionsQuerySchema.shape.show.unwrap().options,
      ),
    )
    .option('--runs <count>', 'with --dataset: over how many of the newest runs', parseWholeNumber)
    .option('--image <number>', 'with --dataset: what each run said of this test image', parseWholeNumber)
    .option('--limit <count>', 'how many', parseWholeNumber, 20)
    .option('--cursor <text>', 'go on where an earlier list ended')
    .action((id: string | undefined, { dataset, image, csv = false, ...options }: Options) => {
      if ((id === undefined) === (dataset === undefined))
        throw new InvalidInputError('give either the id of a job or --dataset');
      if (id !== undefined) return ofJob(context, id, options, csv);
      if (csv) throw new InvalidInputError('--csv is for one job');
      return image === undefined
        ? ofDataset(context, dataset as string, options)
        : ofImage(context, dataset as string, image, options);
    });
}

const more = ({ nextCursor }: { nextCursor: string | null }): string[] =>
  nextCursor === null ? [] : ['', `more: --cursor ${nextCursor}`];

async function ofJob(context: Context, id: string, options: JobOptions, csv: boolean): Promise<void> {
  const { actual, predicted, wrong, limit, cursor } = options;
  const query = defined({ actual, predicted, wrong, limit, cursor });
  const client = await context.client();
  if (csv) {
    for await (const bytes of client.predictionsCsv(id, query)) await context.terminal.write(bytes);
    return;
  }
  const page = await client.predictions(id, query);
  context.show(page, () => [...formatPredictions(page, context.terminal.columns), ...more(page)]);
}

async function ofDataset(context: Context, name: string, options: DatasetOptions): Promise<void> {
  const { show, actual, runs, limit, cursor } = options;
  const page = await (await context.client()).datasetPredictions(name, defined({ show, actual, runs, limit, cursor }));
  context.show(page, () => [...formatImages(page, context.terminal.columns), ...more(page)]);
}

async function ofImage(context: Context, name: string, image: number, options: JobOptions): Promise<void> {
  const { wrong, limit, cursor } = options;
  const page = await (await context.client()).imageRuns(name, image, defined({ wrong, limit, cursor }));
  context.show(page, () => [...formatImageRuns(page.data, context.terminal.columns), ...more(page)]);
}
