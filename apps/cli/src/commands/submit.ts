import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatPlan } from '../format/layers.js';
import { collect, parseNumber, parseWholeNumber } from '../parsers.js';
import { type SendOptions, sendJob } from '../sendJob.js';
import { buildSpec, type SpecFlags } from '../spec/buildSpec.js';

interface SubmitOptions extends SpecFlags, SendOptions {
  dryRun?: boolean;
}

const examples = `
Examples:
  trainyard submit lenet --lr 0.01 --batch 20 --epochs 30 --watch
  trainyard submit lenet --recipe tuned
  trainyard submit airbench-mini
  trainyard submit cnn3 --set optimizer.type=adam --set augmentation.flip=true
  trainyard submit spec.json --dry-run`;

export function addSubmit(program: Command, context: Context): void {
  program
    .command('submit')
    .description('submit an experiment')
    .argument('<spec>', 'a preset (see `trainyard architectures`), a JSON or YAML file, or - for standard input')
    .option(
      '--recipe <name>',
      'article, tuned, small or auto: what all else is by default (see `trainyard architectures`)',
    )
    .option('--lr, --learning-rate <rate>', 'learning rate', parseNumber)
    .option('--batch, --batch-size <images>', 'images a step', parseWholeNumber)
    .option('--epochs <count>', 'passes over the training images', parseWholeNumber)
    .option('--dataset <name>', 'dataset, or dataset@version (see `trainyard dataset list`)')
    .option('--optimizer <name>', 'sgd, adam or adamw')
    .option('--schedule <name>', 'constant, step, cosine, linear, oneCycle or triangular')
    .option('--seed <number>', 'repeats a run; drawn when absent', parseWholeNumber)
    .option('--name <text>', 'name of the job')
    .option('--experiment <text>', 'group of jobs that it belongs to')
    .option('--tag <text>', 'may be given again', collect)
    .option('--notes <text>', 'anything worth keeping')
    .option('--priority <number>', 'higher runs sooner', parseWholeNumber)
    .option('--set <path=value>', 'any other field of the spec; may be given again', collect)
    .option('--watch', 'follow the job to its end; the exit code is then the job’s')
    .option('--dry-run', 'show layers, sizes and costs, and store nothing')
    .option('--idempotency-key <key>', 'sent again, it gives the same job and no second one; default: a random one')
    .addHelpText('after', examples)
    .action((source: string, options: SubmitOptions & { learningRate?: number; batchSize?: number }) =>
      submit(context, source, { ...options, lr: options.learningRate, batch: options.batchSize }),
    );
}

async function submit(context: Context, source: string, options: SubmitOptions): Promise<void> {
  const { terminal } = context;
  const spec = await buildSpec(source, options, terminal);
  const client = await context.client();
  if (options.dryRun) {
    const plan = await client.plan(spec);
    return context.show(plan, () => formatPlan(plan, terminal.columns));
  }
  await sendJob(context, client, options, (sending) => client.submit(spec, sending));
}
