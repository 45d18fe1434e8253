import type { TrainyardClient } from '@trainyard/client';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatBarLine } from '../format/epochs.js';
import { counted, formatBytes } from '../format/numbers.js';
import { datasetPath } from '../leave/exportProject.js';
import { type Imported, importProject } from '../leave/importProject.js';
import type { Manifest } from '../leave/manifest.js';
import { addImportMlflow } from './importMlflow.js';

const help = `
Needs an admin key. Jobs keep their ids; every file is compared with the manifest
before anything is sent. Stopped or killed, the same command goes on, and what is
there already stays as it is. Datasets are brought by trainyard dataset upload.

Example:
  trainyard import ./backup --url https://new.example`;

export function addImport(program: Command, context: Context): void {
  const command = program
    .command('import')
    .description('bring the jobs of an export into the project of the key')
    .argument('<folder>', 'what trainyard export wrote')
    .addHelpText('after', help)
    .action((folder: string) => importFrom(context, folder));
  addImportMlflow(command, context);
}

async function importFrom(context: Context, folder: string): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const bar = (name: string, done: number, total: number, amount: string) =>
    terminal.status(formatBarLine(name, done / Math.max(total, 1), amount, terminal.columns));
  const imported = await context.interruptible((signal) =>
    importProject(client, folder, {
      signal,
      onChecked: (bytes, total) => bar('checking', bytes, total, formatBytes(bytes)),
      onProgress: (jobs, total) => bar('importing', jobs, total, counted(jobs, 'job')),
    }),
  );
  if (imported === null) return terminal.warn('the import was stopped; the same command goes on with it');
  for (const line of await missingDatasets(client, folder, imported.manifest)) terminal.warn(line);
  context.show(summaryOf(imported), () => [
    `${counted(imported.imported, 'job')} imported from ${imported.manifest.from}; ${imported.unchanged} were here`,
  ]);
}

const summaryOf = ({ manifest: { from, jobs }, imported, unchanged }: Imported) => ({
  from,
  jobs,
  imported,
  unchanged,
});

/** How to bring the datasets that are not here: results need none, predictions of new images and new jobs do. */
async function missingDatasets(client: TrainyardClient, folder: string, { datasets, parts }: Manifest) {
  const here = new Set((await client.datasets()).map(({ digest }) => digest));
  const files = new Set(parts.flatMap((part) => part.files.map(({ path }) => path)));
  return datasets
    .filter(({ digest }) => !here.has(digest))
    .map(({ name, version }) => {
      const path = datasetPath({ name, version });
      const what = `the dataset ${name}, version ${version}, is not here`;
      if (!files.has(path)) return `${what}, and its images are not in the export (trainyard export --datasets)`;
      return `${what}; bring it with: trainyard dataset upload ${folder}/${path} --name ${name}`;
    });
}
