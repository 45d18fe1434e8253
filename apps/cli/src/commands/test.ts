import type { CheckpointRef } from '@trainyard/client';
import type { TestRequest } from '@trainyard/contracts';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { collect, parseCheckpointRef, parseJobId, parseWholeNumber } from '../parsers.js';
import { type SendOptions, sendJob } from '../sendJob.js';
import { parseDatasetName } from '../spec/datasetName.js';

interface TestOptions extends SendOptions {
  checkpoint: CheckpointRef;
  dataset?: string;
  testAugmentation?: 'none' | 'mirror' | 'mirrorTranslate';
  name?: string;
  experiment?: string;
  tag?: string[];
  notes?: string;
  priority?: number;
}

const help = `
The test is a job of its own, which trains nothing. The images of the dataset must have
the shape and the classes of the training; they are normalised as in the training.

Examples:
  trainyard test job_… --dataset other-set --watch
  trainyard test job_… --checkpoint last
  trainyard test job_… --test-augmentation mirror`;

export function addTest(program: Command, context: Context): void {
  program
    .command('test')
    .description('test a checkpoint of a job on the test split of a dataset')
    .argument('<job>', 'id of the job that trained it', parseJobId)
    .option('--checkpoint <ref>', 'best, last or an epoch', parseCheckpointRef, 'best')
    .option('--dataset <name>', 'dataset, or dataset@version; default: the one that the job trained on')
    .addOption(
      new Option(
        '--test-augmentation <name>',
        'also test with the mean over changed images; default: as the job',
      ).choices(['none', 'mirror', 'mirrorTranslate']),
    )
    .option('--name <text>', 'name of the test')
    .option('--experiment <text>', 'group of jobs that it belongs to; default: that of the job')
    .option('--tag <text>', 'may be given again', collect)
    .option('--notes <text>', 'anything worth keeping')
    .option('--priority <number>', 'higher runs sooner', parseWholeNumber)
    .option('--watch', 'follow the test to its end; the exit code is then the job’s')
    .option('--idempotency-key <key>', 'sent again, it gives the same job and no second one; default: a random one')
    .addHelpText('after', help)
    .action((id: string, options: TestOptions) => test(context, id, options));
}

async function test(
  context: Context,
  id: string,
  { checkpoint, dataset, tag, watch, idempotencyKey, ...rest }: TestOptions,
): Promise<void> {
  const client = await context.client();
  const body: TestRequest = defined({ ...rest, tags: tag, dataset: dataset && parseDatasetName(dataset) });
  await sendJob(context, client, defined({ watch, idempotencyKey }), (sending) =>
    client.testCheckpoint(id, checkpoint, body, sending),
  );
}
