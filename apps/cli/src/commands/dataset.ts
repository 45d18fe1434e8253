import type { Dataset, ImportOptions } from '@trainyard/contracts';
import { DatasetStore, type ImportProgress, importAny } from '@trainyard/datasets';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatBarLine } from '../format/epochs.js';
import { formatBytes, formatCount } from '../format/numbers.js';
import { type Column, formatTable } from '../format/table.js';

const importHelp = `
What can be imported:
  cifar10          the original archive from its official URL, checked (163 MB);
                   cifar10:binary for the binary one
  shapes           ten generated classes; needs no download
  <path>           CIFAR-10's archive (python or binary), or images in a folder,
                   tar, tar.gz or zip as train/<class>/* and test/<class>/*

It goes into the datasets of this machine's TRAINYARD_HOME, where the API and the
worker find it. What is there already is not imported again.`;

export function addDataset(program: Command, context: Context): void {
  const dataset = program.command('dataset').description('import and list datasets');
  dataset
    .command('import')
    .description('import a dataset')
    .argument('<what>', 'cifar10, shapes or a path')
    .option('--name <name>', 'its name; default: as the content suggests')
    .option('--size <pixels>', 'bring all images to this size: 64, or WIDTHxHEIGHT like 64x48')
    .addHelpText('after', importHelp)
    .action((what: string, options: ImportOptions) => importDataset(context, what, options));
  dataset
    .command('list')
    .alias('ls')
    .description('list the datasets that jobs can name')
    .action(() => listDatasets(context));
}

async function importDataset(context: Context, what: string, options: ImportOptions): Promise<void> {
  const { terminal, config } = context;
  const store = new DatasetStore(config.folders.datasets);
  const onProgress = (progress: ImportProgress) => terminal.status(formatImport(progress, terminal.columns));
  const imported = await importAny(store, what, options, onProgress);
  terminal.status('');
  context.show(imported, () => formatDatasets([imported], terminal.columns));
}

/** Lists the service's datasets. @throws UnreachableError when no service runs. */
async function listDatasets(context: Context): Promise<void> {
  const { terminal } = context;
  const datasets = await (await context.client()).datasets();
  context.show({ data: datasets }, () =>
    datasets.length > 0
      ? formatDatasets(datasets, terminal.columns)
      : ['no datasets; add one with: trainyard dataset import cifar10'],
  );
}

/** e.g. `downloading [####----] 12.3 MB of 163 MB` */
export function formatImport({ phase, done, total }: ImportProgress, width = 80): string {
  if (phase === 'waiting') return 'waiting for another import of this dataset';
  const amount = phase === 'downloading' ? formatBytes : formatCount;
  if (!total) return done > 0 ? `${phase} ${amount(done)}` : phase;
  return formatBarLine(phase, done / total, `${amount(done)} of ${amount(total)}`, width);
}

const columns: Column<Dataset>[] = [
  { title: 'dataset', cell: ({ name }) => name, elastic: 'end' },
  { title: 'version', cell: ({ version }) => String(version), align: 'right' },
  { title: 'images', cell: ({ imageShape }) => imageShape.join('x') },
  { title: 'classes', cell: ({ classes }) => String(classes.length), align: 'right' },
  { title: 'train', cell: ({ trainImages }) => formatCount(trainImages), align: 'right' },
  { title: 'test', cell: ({ testImages }) => formatCount(testImages), align: 'right' },
  { title: 'size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
];

export const formatDatasets = (datasets: readonly Dataset[], width = 80): string[] =>
  formatTable(columns, datasets, width);
