import { checkArchitecture, summarize } from '@trainyard/architectures';
import { InvalidInputError } from '@trainyard/contracts';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatArchitecture } from '../format/layers.js';
import { parseShape, parseWholeNumber } from '../parsers.js';
import { isDocument, readDocument } from '../spec/readDocument.js';

interface DescribeOptions {
  input: [number, number, number];
  classes: number;
}

/** Shapes are arithmetic, so that this needs no service. */
export function addDescribe(program: Command, context: Context): void {
  program
    .command('describe')
    .description('the layer table of an architecture: sizes, parameters, FLOPs')
    .argument('<architecture>', 'a preset, a JSON file ({"layers": [...]} or a whole spec), or - for standard input')
    .option('--input <shape>', 'height, width and channels of the images', parseShape, [32, 32, 3])
    .option('--classes <count>', 'how many classes', parseWholeNumber, 10)
    .action((source: string, options: DescribeOptions) => describe(context, source, options));
}

async function describe(context: Context, source: string, { input, classes }: DescribeOptions): Promise<void> {
  const document = isDocument(source) ? await readDocument(source, context.terminal) : source;
  const { architecture, pointer } = findArchitecture(document);
  const { model, faults } = checkArchitecture(architecture, input, classes, pointer);
  if (!model)
    throw new InvalidInputError(
      `the architecture has ${faults.length} fault${faults.length === 1 ? '' : 's'}`,
      faults,
      'invalid_spec',
    );
  const summary = summarize(model);
  context.show(summary, () => formatArchitecture(summary, context.terminal.columns));
}

/** A document is an architecture, a bare list of layers, or a spec that has one. */
function findArchitecture(document: unknown): { architecture: unknown; pointer: string } {
  if (Array.isArray(document)) return { architecture: { layers: document }, pointer: '' };
  if (typeof document === 'object' && document !== null && 'architecture' in document)
    return { architecture: document.architecture, pointer: '/architecture' };
  return { architecture: document, pointer: '' };
}
