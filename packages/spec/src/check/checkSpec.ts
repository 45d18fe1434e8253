import { freezeWeights, type Model } from '@trainyard/architectures';
import {
  architectureSchema,
  type Dataset,
  type DatasetChoice,
  type Fault,
  type JobSpec,
  jobSpecSchema,
} from '@trainyard/contracts';
import { chosenFor } from '../chosen.js';
import { isRecord } from '../isRecord.js';
import { fitBatch } from '../recipes/fitBatch.js';
import { withProvidedSplit } from '../recipes/withProvidedSplit.js';
import { withRecipe } from '../recipes/withRecipe.js';
import { checkArchitecture } from './checkArchitecture.js';
import { checkFields, type Fields } from './checkFields.js';
import { fp32Rules } from './fp32.js';
import { fieldRules, modelRules } from './rules.js';
import { weightRules } from './weightRules.js';

/** Replaces an unknown dataset in checks: images like those of CIFAR-10. */
export const assumedDataset: Dataset = {
  name: 'cifar10',
  version: 1,
  digest: '0'.repeat(64),
  imageShape: [32, 32, 3],
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  trainImages: 50_000,
  validationImages: 0,
  testImages: 10_000,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  bytes: 0,
  source: 'assumed',
  importedAt: '1970-01-01T00:00:00Z',
  notes: [],
  warnings: [],
};

type FindDataset = (choice: DatasetChoice) => Dataset | null;

/** `spec` and `model` are null if there are faults. */
export interface CheckedSpec {
  spec: JobSpec | null;
  model: Model | null;
  faults: Fault[];
  /** What was chosen for the user, one line each. */
  chosen: string[];
}

/**
 * Checks a job spec as a user sent it and lists every fault at once: unknown keys, wrong types and ranges, layers that
 * do not fit, impossible sizes. Without faults `spec` is complete: the defaults of its recipe and all others are filled
 * in, a seed is drawn, and the version of the dataset is resolved.
 * @param dataset null: images like those of CIFAR-10 are assumed; a function that returns null: there is no such
 * dataset.
 */
export function checkSpec(sent: unknown, dataset: Dataset | null | FindDataset): CheckedSpec {
  if (!isRecord(sent)) return refused([{ pointer: '', detail: 'must be an object like {"architecture": "lenet"}' }]);
  const choice = jobSpecSchema.shape.dataset.safeParse(sent.dataset);
  const found = findDataset(choice.data, dataset);
  const data = found.dataset ?? assumedDataset;
  const { input: completed, faults: recipeFaults } = withRecipe(withProvidedSplit(sent, data), data);
  const { architecture } = completed;
  const { model, faults: layerFaults } = checkArchitecture(architecture, data.imageShape, data.classes.length);
  const { input, chosen } = model ? fitBatch(sent, completed, model) : { input: completed, chosen: [] };
  const { usable, complete: fields, faults: fieldFaults } = checkFields(input);
  const faults = [...layerFaults, ...recipeFaults, ...fieldFaults, ...found.faults, ...fieldRules(usable, data)];
  if (model) faults.push(...modelRules(usable, model, data), ...weightRules(usable, model));
  const faulty = new Set(faults.map(({ pointer }) => pointer));
  for (const fault of fp32Rules(input, usable.normalization)) if (!faulty.has(fault.pointer)) faults.push(fault);
  if (faults.length > 0 || !model || !fields) return refused(faults);
  const spec = complete(fields, architecture, found.dataset);
  return {
    spec,
    model: freezeWeights(model, spec.freeze),
    faults,
    chosen: [...chosenFor(sent, spec, model, data), ...chosen],
  };
}

const refused = (faults: Fault[]): CheckedSpec => ({ spec: null, model: null, faults, chosen: [] });

function findDataset(
  choice: DatasetChoice | undefined,
  dataset: Dataset | null | FindDataset,
): { dataset: Dataset | null; faults: Fault[] } {
  if (typeof dataset !== 'function') return { dataset, faults: [] };
  if (!choice) return { dataset: null, faults: [] };
  const found = dataset(choice);
  return found ? { dataset: found, faults: [] } : { dataset: null, faults: [noSuchDataset(choice)] };
}

export function noSuchDataset({ name, version }: Pick<DatasetChoice, 'name' | 'version'>): Fault {
  const which = `${JSON.stringify(name)}${version === null ? '' : ` version ${version}`}`;
  const remedy = 'import it first (trainyard dataset import) or name one of the datasets that GET /v1/datasets lists';
  return { pointer: '/dataset', detail: `there is no dataset ${which}; ${remedy}` };
}

function complete(fields: Fields, architecture: unknown, dataset: Dataset | null): JobSpec {
  return {
    ...fields,
    architecture: architectureSchema.parse(architecture),
    dataset: { ...fields.dataset, version: dataset?.version ?? fields.dataset.version },
    recipe: fields.recipe === 'auto' ? null : fields.recipe,
    seed: fields.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  };
}
