import { summarize } from '@trainyard/architectures';
import { type Dataset, type Fault, InvalidInputError } from '@trainyard/contracts';
import { assumedDataset, checkArchitecture, checkSpec, presetChanges } from '@trainyard/spec';
import type { Training } from '@trainyard/training';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatArchitecture, formatMemory } from '../format/layers.js';
import { formatProgram } from '../format/program.js';
import { parseShape, parseWholeNumber } from '../parsers.js';
import { isDocument, readDocument } from '../spec/readDocument.js';

interface DescribeOptions {
  input: [number, number, number];
  classes: number;
  batch?: number;
  program?: boolean;
}

/** Shapes, programs and memory are computed here, so the command needs no service. */
export function addDescribe(program: Command, context: Context): void {
  program
    .command('describe')
    .description('the layer table of an architecture: sizes, parameters, FLOPs, memory')
    .argument('<architecture>', 'a preset, a JSON file ({"layers": [...]} or a whole spec), or - for standard input')
    .option('--input <shape>', 'height, width and channels of the images', parseShape, [32, 32, 3])
    .option('--classes <count>', 'how many classes', parseWholeNumber, 10)
    .option('--batch <images>', 'images a step; default: the spec’s', parseWholeNumber)
    .option('--program', 'the training step instead: its ops, what was fused, and where each tensor lies')
    .action((source: string, options: DescribeOptions) => describe(context, source, options));
}

async function describe(context: Context, source: string, options: DescribeOptions): Promise<void> {
  const document = isDocument(source) ? await readDocument(source, context.terminal) : source;
  const training = trainingOf(document, options);
  const { columns } = context.terminal;
  if (options.program) {
    const outline = await outlineOf(training);
    return context.show(outline, () => formatProgram(outline, training, columns));
  }
  const summary = {
    ...summarize(training.model),
    batchSize: training.spec.batchSize,
    memory: await memoryOf(training),
  };
  context.show(summary, () => [
    ...formatArchitecture(summary, columns),
    ...presetChanges(training.model),
    ...formatMemory(summary.memory, ` at batch ${summary.batchSize}`),
  ]);
}

/**
 * What would be trained with this architecture on images of this form, with the recipe's defaults where it is no spec.
 */
function trainingOf(document: unknown, { input, classes, batch }: DescribeOptions): Training {
  const { architecture, pointer, spec: rest } = findArchitecture(document);
  const { model, faults } = checkArchitecture(architecture, input, classes, pointer);
  if (!model) throw faulty('the architecture', faults);
  const dataset = imagesOf(input, classes);
  const changed = batch === undefined ? {} : { batchSize: batch };
  const { spec, faults: others } = checkSpec({ ...rest, architecture, ...changed }, dataset);
  if (!spec) throw faulty('the spec', others);
  return { spec, model, dataset };
}

const faulty = (what: string, faults: Fault[]) =>
  new InvalidInputError(`${what} has ${faults.length} fault${faults.length === 1 ? '' : 's'}`, faults, 'invalid_spec');

/** A document is an architecture, a bare list of layers, or a spec that has one. */
function findArchitecture(document: unknown): { architecture: unknown; pointer: string; spec: object } {
  if (Array.isArray(document)) return { architecture: { layers: document }, pointer: '', spec: {} };
  if (typeof document === 'object' && document !== null && 'architecture' in document)
    return { architecture: document.architecture, pointer: '/architecture', spec: document };
  return { architecture: document, pointer: '', spec: {} };
}

/** As many images as CIFAR-10 has, of another form. */
const imagesOf = (imageShape: [number, number, number], classes: number): Dataset => ({
  ...assumedDataset,
  imageShape,
  classes: Array.from({ length: classes }, (_, label) => `class ${label}`),
  mean: Array.from({ length: imageShape[2] }, () => 0.5),
  std: Array.from({ length: imageShape[2] }, () => 0.25),
});

// Imported dynamically: the other commands should not wait until these packages are loaded.

async function outlineOf(training: Training) {
  const { outlineProgram } = await import('@trainyard/program');
  const { trainProgram } = await import('@trainyard/training');
  const { lowerForCpu } = await import('@trainyard/executor-native');
  const { batchSize } = training.spec;
  return outlineProgram(lowerForCpu(trainProgram(training, batchSize)), trainProgram(training, batchSize, false));
}

async function memoryOf(training: Training) {
  const { nativeAvailability, openNativeExecutor } = await import('@trainyard/executor-native');
  const { expectedMemory } = await import('@trainyard/training');
  return nativeAvailability().available ? expectedMemory(await openNativeExecutor(), training) : null;
}
