import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CheckpointRef, ImageFile, TrainyardClient } from '@trainyard/client';
import {
  type ImagePredictionsAnswer,
  InvalidInputError,
  jobIdSchema,
  type NewBatchPrediction,
} from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { formatClasses } from '../format/classes.js';
import { parseCheckpointRef, parseJobId, parseWholeNumber } from '../parsers.js';
import { predictBatch } from './predictBatch.js';

interface PredictOptions {
  checkpoint: CheckpointRef;
  experiment?: string;
  alias?: string;
  top: number;
  input?: string;
  job?: string;
  split?: NewBatchPrediction['split'];
  output?: string;
  force?: boolean;
}

/** Of one request; a service takes 64 images and 32 MiB unless its settings say otherwise. */
const mostImages = 32;
const mostBytes = 24 * 2 ** 20;

const help = `
Any size of JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP or PNM is brought to that of the network,
as the images of its dataset were.

Examples:
  trainyard predict job_… cat.jpg dog.png
  trainyard predict job_… cat.jpg --checkpoint last --top 3
  trainyard predict job_… cat.jpg --input seen.png
  trainyard predict cat.jpg --experiment night                     # by its best job
  trainyard predict cat.jpg --experiment night --alias champion

With --output, any number of images is classified as queued work: a folder, an archive,
or a dataset of the service. The table has a row an image: its class, the probabilities
of all classes, the true class where a dataset knows it, and why it could not be read.
  trainyard predict ./photos --job job_… --output photos.csv
  trainyard predict pets@2 --split all --experiment night -o pets.parquet`;

export function addPredict(program: Command, context: Context): void {
  program
    .command('predict')
    .description('classify image files by a checkpoint of a job, or of the best job of an experiment')
    .argument('<images...>', 'the id of a job and image files; with --job or --experiment image files alone')
    .option('--job <id>', 'by a checkpoint of this job', parseJobId)
    .option('--checkpoint <ref>', 'best, last or an epoch', parseCheckpointRef, 'best')
    .option('--experiment <name>', 'by the job of this experiment with the best test accuracy')
    .option('--alias <name>', 'with --experiment: by the checkpoint that the alias points to')
    .option('--top <count>', 'how many classes of each image', parseWholeNumber, 5)
    .option('--input <path>', 'classify nothing, and save what the network sees of one image, as PNG')
    .option('-o, --output <file>', 'classify one folder, archive or dataset into a table: .csv, .parquet, or - for CSV')
    .addOption(
      new Option('--split <split>', 'with --output, of a dataset; default: test').choices([
        'train',
        'validation',
        'test',
        'all',
      ]),
    )
    .option('--force', 'with --output: replace a file that is there')
    .addHelpText('after', help)
    .action((words: string[], options: PredictOptions) => predict(context, words, options));
}

async function predict(context: Context, words: string[], options: PredictOptions): Promise<void> {
  const { checkpoint, top, input, experiment, alias, job, output, split, force = false } = options;
  if (alias !== undefined && experiment === undefined) throw new InvalidInputError('--alias needs --experiment');
  if (input !== undefined && experiment !== undefined) throw new InvalidInputError('--input needs the id of a job');
  if (job !== undefined && experiment !== undefined) throw new InvalidInputError('give --job or --experiment');
  const isNamed = experiment !== undefined || job !== undefined;
  const [id, ...files] = isNamed ? [job ?? '', ...words] : [jobOf(words[0]), ...words.slice(1)];
  if (output !== undefined) {
    const [what, ...others] = files;
    if (what === undefined || others.length > 0)
      throw new InvalidInputError('--output is for one folder, archive or dataset');
    const model =
      experiment === undefined
        ? { jobId: id, checkpoint: String(checkpoint) }
        : { experiment, ...(alias && { alias }) };
    return predictBatch(context, { what, model, output, force, ...(split && { split }) });
  }
  if (split !== undefined || force) throw new InvalidInputError('--split and --force need --output');
  if (files.length === 0) throw new InvalidInputError('name an image file after the id of the job');
  const client = await context.client();
  if (input !== undefined) return saveInput(context, client, { id, checkpoint, files, output: input });
  const send = (images: ImageFile[]) => {
    if (experiment === undefined) return client.predict(id, checkpoint, images, { top });
    if (alias === undefined) return client.predictByBest(experiment, images, { top });
    return client.predictByAlias(experiment, alias, images, { top });
  };
  const answers: ImagePredictionsAnswer[] = [];
  for await (const images of requestsOf(files)) answers.push(await send(images));
  const [first] = answers;
  if (!first) return;
  const all = { ...first, predictions: answers.flatMap(({ predictions }) => predictions) };
  context.show(all, () => formatClasses(all, context.charts));
}

function jobOf(word = ''): string {
  const { success, data } = jobIdSchema.safeParse(word.trim());
  if (success) return data;
  throw new InvalidInputError(`${word} is no id of a job; give it before the images, or name an --experiment`);
}

async function saveInput(
  context: Context,
  client: TrainyardClient,
  { id, checkpoint, files, output }: { id: string; checkpoint: CheckpointRef; files: string[]; output: string },
): Promise<void> {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new InvalidInputError('--input is for one image');
  await writeFile(output, await client.predictInput(id, checkpoint, await imageOf(file)));
  context.show({ path: output }, () => [output]);
}

/** The files in groups that a service takes at once. */
async function* requestsOf(files: readonly string[]): AsyncGenerator<ImageFile[]> {
  let images: ImageFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const image = await imageOf(file);
    if (images.length === mostImages || (images.length > 0 && bytes + image.content.length > mostBytes)) {
      yield images;
      images = [];
      bytes = 0;
    }
    images.push(image);
    bytes += image.content.length;
  }
  yield images;
}

async function imageOf(file: string): Promise<ImageFile & { content: Uint8Array<ArrayBuffer> }> {
  try {
    return { name: basename(file), content: new Uint8Array(await readFile(file)) };
  } catch (error) {
    throw new InvalidInputError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); name an image file`,
    );
  }
}
