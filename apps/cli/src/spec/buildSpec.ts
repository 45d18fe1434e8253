import { InvalidInputError, type JobSpecInput } from '@trainyard/contracts';
import type { Terminal } from '../terminal.js';
import { assign } from './assign.js';
import { parseDatasetName } from './datasetName.js';
import { isDocument, readDocument } from './readDocument.js';

/** The flags of `submit` that say something about the spec. */
export interface SpecFlags {
  recipe?: string;
  lr?: number;
  batch?: number;
  epochs?: number;
  dataset?: string;
  optimizer?: string;
  schedule?: string;
  seed?: number;
  name?: string;
  experiment?: string;
  tag?: string[];
  notes?: string;
  priority?: number;
  set?: string[];
}

/**
 * The spec to send: a file or standard input, or a preset's name, with the flags laid over it, `--set` last. What it
 * says is checked by the service.
 * @throws InvalidInputError when the document cannot be read or is no object.
 */
export async function buildSpec(source: string, flags: SpecFlags, terminal: Terminal): Promise<JobSpecInput> {
  const document = isDocument(source) ? await readDocument(source, terminal) : { architecture: source };
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new InvalidInputError('a spec must be an object like {"architecture": "lenet"}');
  const spec = { ...document, ...fieldsOf(flags) } as Record<string, unknown>;
  for (const assignment of flags.set ?? []) assign(spec, assignment);
  return spec as JobSpecInput;
}

/** A name alone stays text, so that the service shows it as it was written. */
function datasetOf(text: string): string | { name: string; version: number } {
  const { name, version } = parseDatasetName(text);
  return version === null ? name : { name, version };
}

function fieldsOf(flags: SpecFlags): Record<string, unknown> {
  const fields = {
    recipe: flags.recipe,
    learningRate: flags.lr,
    batchSize: flags.batch,
    epochs: flags.epochs,
    dataset: flags.dataset === undefined ? undefined : datasetOf(flags.dataset),
    optimizer: flags.optimizer,
    schedule: flags.schedule,
    seed: flags.seed,
    name: flags.name,
    experiment: flags.experiment,
    tags: flags.tag,
    notes: flags.notes,
    priority: flags.priority,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
