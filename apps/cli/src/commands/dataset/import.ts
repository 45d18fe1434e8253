import { type ImportOptions, SettingError } from '@trainyard/contracts';
import { DatasetStore, type ImportProgress, importAny } from '@trainyard/datasets';
import { storageFault } from '@trainyard/process';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { formatDatasets, formatImport, formatRemarks, formatSkipped } from '../../format/datasets.js';
import { addImportOptions, type ImportFlags, importOptionsOf } from './options.js';

const importHelp = `
What can be imported:
  shapes           ten generated classes; needs no download
  cifar10          the original archive from its official URL, checked (163 MB);
                   cifar10:binary for the binary one
  <path>           a folder, an archive or a file: images in class folders with or
                   without splits, images with labels in a CSV file, the files of
                   known datasets, Parquet and more: docs/data.md has them all

It goes into the datasets of this machine's TRAINYARD_HOME, where the API and the
worker find it. What is there already is not imported again. To bring a dataset to
a service on another machine: trainyard dataset upload.

Examples:
  trainyard dataset import ./pets --size 64
  trainyard dataset import photos.zip --size 96x64 --fit contain --background black
  trainyard dataset import birds/ --split 70%/10%/20% --skip-bad`;

export function addImport(dataset: Command, context: Context): void {
  const command = dataset
    .command('import')
    .description('import a dataset')
    .argument('<what>', 'a path, shapes or cifar10');
  addImportOptions(command)
    .addHelpText('after', importHelp)
    .action((what: string, flags: ImportFlags) => importDataset(context, what, importOptionsOf(flags)));
}

async function importDataset(context: Context, what: string, options: ImportOptions): Promise<void> {
  const { terminal, config } = context;
  const store = new DatasetStore(config.folders.datasets);
  const onProgress = (progress: ImportProgress) => terminal.status(formatImport(progress, terminal.columns));
  const imported = await context.interruptible((signal) =>
    importAny(store, what, options, onProgress, signal).catch((error: unknown) => {
      throw diskFault(error, config.folders.datasets) ?? error;
    }),
  );
  if (imported === null) return terminal.warn('the import was stopped; what it had written was removed');
  const { skipped, skippedCount } = (await (await store.open(imported.name, imported.version))?.readDetail()) ?? {
    skipped: [],
    skippedCount: 0,
  };
  context.show({ ...imported, skipped, skippedCount }, () => [
    ...formatDatasets([imported], terminal.columns),
    ...formatRemarks(imported, terminal),
    ...formatSkipped(skipped, skippedCount),
  ]);
}

/** Where a file could not be written: the system's own message of a write has no path. */
function diskFault(error: unknown, datasets: string): SettingError | null {
  const fault = storageFault(error);
  if (fault === null) return null;
  const { path = datasets } = error as NodeJS.ErrnoException;
  return new SettingError('TRAINYARD_HOME', `cannot take the dataset: ${path} cannot be written: ${fault}`);
}
