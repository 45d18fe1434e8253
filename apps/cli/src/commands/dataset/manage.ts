import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { TrainyardClient } from '@trainyard/client';
import { InvalidInputError } from '@trainyard/contracts';
import { readPng, unpackTar } from '@trainyard/datasets';
import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { formatDatasets, formatDetail } from '../../format/datasets.js';
import { formatCount } from '../../format/numbers.js';
import { formatPicture } from '../../format/picture.js';
import { parseDatasetName } from '../../spec/datasetName.js';

/** Images of the grid in a terminal: few enough that each is large enough to see. */
const gridColumns = 6;
const gridImages = 12;

export function addManage(dataset: Command, context: Context): void {
  dataset
    .command('list')
    .alias('ls')
    .description('list the datasets that jobs can name')
    .action(() => listDatasets(context));
  dataset
    .command('show')
    .description('show a dataset: images of each class and split, origin, warnings, and some of its images')
    .argument('<name>', 'its name, or name@version')
    .option('--png <file>', 'write a grid of images to this file')
    .action((name: string, options: { png?: string }) => showDataset(context, name, options));
  dataset
    .command('rename')
    .description('rename a dataset with all its versions')
    .argument('<name>', 'its name')
    .argument('<new-name>', 'its new name')
    .action(async (name: string, newName: string) => {
      const renamed = await (await context.client()).renameDataset(name, newName);
      context.show({ data: renamed }, () => formatDatasets(renamed, context.terminal.columns));
    });
  dataset
    .command('delete')
    .description('delete a version of a dataset (name@version), or all its versions; nothing brings it back')
    .argument('<name>', 'its name, or name@version')
    .action(async (text: string) => {
      const { name, version } = parseDatasetName(text);
      await (await context.client()).deleteDataset(name, version === null ? {} : { version });
      context.show({ name, version, deleted: true }, () => [`${text}  deleted`]);
    });
  dataset
    .command('export')
    .description('write a dataset to a folder, as train/<class>/<image>.png and so on')
    .argument('<name>', 'its name, or name@version')
    .argument('<folder>', 'a folder that does not exist, or is empty')
    .action((name: string, folder: string) => exportDataset(context, name, folder));
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

async function showDataset(context: Context, text: string, { png }: { png?: string }): Promise<void> {
  const { terminal } = context;
  const { name, version } = parseDatasetName(text);
  const client = await context.client();
  const query = version === null ? {} : { version };
  const detail = await client.dataset(name, query);
  if (png !== undefined) await writeFile(png, await client.datasetSamples(name, { ...query, scale: 2 }));
  const grid = !context.json && terminal.isTTY && terminal.paint('dim', 'x') !== 'x';
  const picture = grid ? await drawGrid(client, name, query, terminal.columns) : [];
  context.show(detail, () => [
    ...formatDetail(detail, terminal),
    ...(picture.length > 0 ? ['', ...picture] : []),
    ...(png === undefined ? [] : ['', `wrote ${png}`]),
  ]);
}

async function drawGrid(client: TrainyardClient, name: string, query: { version?: number }, width: number) {
  const png = await client.datasetSamples(name, { ...query, count: gridImages, columns: gridColumns });
  const { pixels, shape } = await readPng(png, width - 1);
  return formatPicture(pixels, [shape[0], shape[1]]);
}

async function exportDataset(context: Context, text: string, folder: string): Promise<void> {
  const { name, version } = parseDatasetName(text);
  const existing = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new InvalidInputError(`${folder} cannot be read as a folder (${error.code}); choose another`);
  });
  if (existing !== null && existing.length > 0) {
    throw new InvalidInputError(`${folder} is not empty; choose a folder that does not exist yet`);
  }
  const stream = await (await context.client()).exportDataset(name, version === null ? {} : { version });
  const root = resolve(folder);
  let written = 0;
  try {
    for await (const { path, content } of unpackTar(Readable.fromWeb(stream as never))) {
      const file = resolve(root, path);
      if (!file.startsWith(root + sep)) throw new InvalidInputError(`the service sent a path that leaves ${folder}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      written++;
      if (written % 100 === 0) context.terminal.status(`exporting ${formatCount(written)} images`);
    }
  } catch (error) {
    if (existing === null) await rm(root, { recursive: true, force: true });
    throw error;
  }
  context.terminal.status('');
  context.show({ folder: root, images: written }, () => [
    `wrote ${formatCount(written)} images to ${join(folder, '')}`,
  ]);
}
