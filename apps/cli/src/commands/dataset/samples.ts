import { writeFile } from 'node:fs/promises';
import { InvalidInputError, type SamplesPictureQuery } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../../context.js';
import { defined } from '../../defined.js';
import { parseWholeNumber } from '../../parsers.js';
import { parseDatasetName } from '../../spec/datasetName.js';

interface SamplesOptions extends Partial<Omit<SamplesPictureQuery, 'version'>> {
  image?: number;
  output: string;
}

export function addSamples(dataset: Command, context: Context): void {
  dataset
    .command('samples')
    .description('save a picture of images with their classes, or of the channels of one image')
    .argument('<name>', 'its name, or name@version')
    .requiredOption('-o, --output <file>', 'the file, or - for standard output; a file that is there is replaced')
    .addOption(new Option('--split <split>', 'default: train').choices(['train', 'validation', 'test']))
    .option('--count <number>', 'images; default: 20', parseWholeNumber)
    .option('--columns <number>', 'images in a row; default: 10', parseWholeNumber)
    .option(
      '--scale <number>',
      'pixels that each pixel becomes in a row; default: as suits the images',
      parseWholeNumber,
    )
    .option('--class <name>', 'only images of this class')
    .option('--seed <number>', 'draws the images; default: 1', parseWholeNumber)
    .option('--page <number>', 'the images after those of the page before', parseWholeNumber)
    .addOption(
      new Option('--image <number>', 'instead: red, green and blue of this image with all values, as SVG')
        .argParser(parseWholeNumber)
        .conflicts(['count', 'columns', 'scale', 'class', 'seed', 'page']),
    )
    .action((name: string, options: SamplesOptions) => samples(context, name, options));
}

async function samples(context: Context, text: string, { image, output, ...query }: SamplesOptions): Promise<void> {
  const { name, version } = parseDatasetName(text);
  const client = await context.client();
  const given = defined({ ...query, ...(version !== null && { version }) });
  const picture =
    image === undefined
      ? await client.samplesPicture(name, given)
      : Buffer.from(await client.channelsPicture(name, image, given));
  if (output === '-') return context.terminal.write(picture);
  await writeFile(output, picture).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`cannot write ${output}: ${error.message}`);
  });
  context.show({ path: output, bytes: picture.length }, () => [`wrote ${output}`]);
}
