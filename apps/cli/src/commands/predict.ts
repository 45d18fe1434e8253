import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CheckpointRef, ImageFile, TrainyardClient } from '@trainyard/client';
import { type ImagePredictionsAnswer, InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatClasses } from '../format/classes.js';
import { parseCheckpointRef, parseJobId, parseWholeNumber } from '../parsers.js';

interface PredictOptions {
  checkpoint: CheckpointRef;
  top: number;
  input?: string;
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
  trainyard predict job_… cat.jpg --input seen.png`;

export function addPredict(program: Command, context: Context): void {
  program
    .command('predict')
    .description('classify image files by a checkpoint of a job')
    .argument('<job>', 'id of the job that trained it', parseJobId)
    .argument('<images...>', 'image files')
    .option('--checkpoint <ref>', 'best, last or an epoch', parseCheckpointRef, 'best')
    .option('--top <count>', 'how many classes of each image', parseWholeNumber, 5)
    .option('--input <path>', 'classify nothing, and save what the network sees of one image, as PNG')
    .addHelpText('after', help)
    .action((id: string, files: string[], options: PredictOptions) => predict(context, id, files, options));
}

async function predict(context: Context, id: string, files: string[], options: PredictOptions): Promise<void> {
  const { checkpoint, top, input } = options;
  const client = await context.client();
  if (input !== undefined) return saveInput(context, client, { id, checkpoint, files, output: input });
  const answers: ImagePredictionsAnswer[] = [];
  for await (const images of requestsOf(files)) answers.push(await client.predict(id, checkpoint, images, { top }));
  const [first] = answers;
  if (!first) return;
  const all = { ...first, predictions: answers.flatMap(({ predictions }) => predictions) };
  context.show(all, () => formatClasses(all, context.charts));
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
