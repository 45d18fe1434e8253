import {
  architectureSchema,
  type Dataset,
  type DatasetChoice,
  type Fault,
  faultsOf,
  type JobSpec,
  jobSpecSchema,
  toPointer,
} from '@trainyard/contracts';
import type { Model } from './model.js';
import { activationBytes, splitSizes } from './plan.js';
import { presetNames } from './presets/index.js';
import { readLayers } from './read.js';
import { withRecipe } from './recipe.js';
import { flattenLayers, resolveDraft, resolveModel } from './resolve.js';
import { elements } from './shapes.js';
import { synonyms } from './synonyms.js';

/** What a spec is checked against when its dataset is not known: the form of CIFAR-10. */
export const assumedDataset: Dataset = {
  name: 'cifar10',
  version: 1,
  digest: '0'.repeat(64),
  imageShape: [32, 32, 3],
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  trainImages: 50_000,
  testImages: 10_000,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  bytes: 0,
  source: 'assumed',
  importedAt: '1970-01-01T00:00:00Z',
};

/** Above this many bytes of activations and their gradients for one batch a spec is refused; no tensor gets 2^31 elements. */
export const maxActivationBytes = 16 * 2 ** 30;

type Finder = (choice: DatasetChoice) => Dataset | null;

/**
 * Checks a job spec as a user sent it and lists every fault at once: unknown keys, wrong types and ranges, layers that do
 * not fit, sizes that cannot be. Without faults `spec` is complete: the recipe's and all other defaults filled in, a seed drawn, the dataset's version
 * resolved. `dataset` null: the form of CIFAR-10 is assumed; a function that answers null: that dataset does not exist.
 */
export function checkSpec(
  sent: unknown,
  dataset: Dataset | null | Finder,
): { spec: JobSpec | null; model: Model | null; faults: Fault[] } {
  if (!isRecord(sent))
    return {
      spec: null,
      model: null,
      faults: [{ pointer: '', detail: 'must be an object like {"architecture": "lenet"}' }],
    };
  const { input, faults: recipeFaults } = withRecipe(sent);
  const { usable, faults: fieldFaults } = checkFields(input);
  const found = findDataset(usable.dataset, dataset);
  const data = found.dataset ?? assumedDataset;
  const architecture = checkArchitecture(input.architecture, data.imageShape, data.classes.length);
  const faults = [
    ...architecture.faults,
    ...recipeFaults,
    ...fieldFaults,
    ...found.faults,
    ...fieldRules(usable, data),
  ];
  if (architecture.model) faults.push(...modelRules(usable, architecture.model, data));
  if (faults.length > 0 || !architecture.model) return { spec: null, model: null, faults };
  // Without faults, all fields are right, and usable.
  const fields = usable as Fields;
  return { spec: complete(fields, input.architecture, found.dataset), model: architecture.model, faults };
}

/**
 * Checks the architecture of a spec, or with `pointer` of any other document: a preset's name or `{layers}`.
 * Faults in fields and in shapes come together.
 */
export function checkArchitecture(
  input: unknown,
  inputShape: [number, number, number],
  classes: number,
  pointer = '/architecture',
): { model: Model | null; faults: Fault[] } {
  if (typeof input === 'string') return resolvePreset(input, inputShape, classes, pointer);
  if (!isRecord(input)) {
    const must = input === undefined ? 'is required' : 'must be given';
    return {
      model: null,
      faults: [{ pointer, detail: `${must}: a preset (${presetNames.join(', ')}) or {"layers": [...]}` }],
    };
  }
  const unknown = Object.keys(input)
    .filter((key) => key !== 'layers')
    .map((key) => ({
      pointer: `${pointer}/${key}`,
      detail: `unrecognized key ${JSON.stringify(key)}; an architecture has only "layers"`,
    }));
  const { model, faults } = checkLayers(input.layers, inputShape, classes, pointer);
  return { model: unknown.length > 0 ? null : model, faults: [...unknown, ...faults] };
}

/** Models of presets, which nearly all specs name, by preset, shape and classes. */
const presetModels = new Map<string, Model>();
const rememberedModels = 100;

function resolvePreset(name: string, inputShape: [number, number, number], classes: number, pointer: string) {
  const key = `${name} ${inputShape.join('x')} ${classes}`;
  const known = presetModels.get(key);
  if (known) return { model: known, faults: [] };
  const resolved = resolveModel(name, inputShape, classes, pointer);
  if (presetModels.size >= rememberedModels) presetModels.clear();
  if (resolved.model) presetModels.set(key, resolved.model);
  return resolved;
}

/** Checks a bare layer list; faults point to `<pointer>/layers/…`. */
export function checkLayers(
  layers: unknown,
  inputShape: [number, number, number],
  classes: number,
  pointer = '',
): { model: Model | null; faults: Fault[] } {
  const read = readLayers(layers, `${pointer}/layers`);
  if (read.layers.length === 0) return { model: null, faults: read.faults };
  const { model, faults } = resolveDraft('custom', read.layers, inputShape, classes, pointer);
  const all = [...read.faults, ...faults];
  return { model: all.length > 0 ? null : model, faults: all };
}

type Fields = Omit<ReturnType<typeof jobSpecSchema.parse>, 'architecture'>;

/** Stands in for the architecture, which is checked apart. */
const anyArchitecture = 'lenet';

/** `usable` holds the fields that are right; checks that need a wrong one are left out. */
function checkFields(input: Record<string, unknown>): { usable: Partial<Fields>; faults: Fault[] } {
  const whole = jobSpecSchema.safeParse({ ...input, architecture: anyArchitecture });
  if (whole.success) return { usable: whole.data, faults: [] };
  const faults = faultsOf(jobSpecSchema, { ...input, architecture: anyArchitecture }, { synonyms });
  const wrong = new Set(faults.map(({ pointer }) => `/${pointer.split('/')[1]}`));
  const isRight = (key: string) => Object.hasOwn(jobSpecSchema.shape, key) && !wrong.has(toPointer('', [key]));
  const right = Object.fromEntries(Object.entries(input).filter(([key]) => isRight(key)));
  const fields = jobSpecSchema.parse({ ...right, architecture: anyArchitecture });
  return {
    usable: Object.fromEntries(Object.entries(fields).filter(([key]) => !wrong.has(toPointer('', [key])))),
    faults,
  };
}

function findDataset(
  choice: DatasetChoice | undefined,
  dataset: Dataset | null | Finder,
): { dataset: Dataset | null; faults: Fault[] } {
  if (typeof dataset !== 'function') return { dataset, faults: [] };
  if (!choice) return { dataset: null, faults: [] };
  const found = dataset(choice);
  if (found) return { dataset: found, faults: [] };
  const version = choice.version === null ? '' : ` version ${choice.version}`;
  const detail = `there is no dataset ${JSON.stringify(choice.name)}${version}; import it first (trainyard dataset import) or name one of the datasets listed by GET /v1/datasets`;
  return { dataset: null, faults: [{ pointer: '/dataset', detail }] };
}

/** Rules over several fields, and over fields and the dataset's form. */
function* fieldRules(fields: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  const { optimizer, schedule, epochs, augmentation, testAugmentation, normalization } = fields;
  const [height, width, channels] = dataset.imageShape;
  const side = Math.min(height, width);
  yield* splitRules(fields, dataset);
  if (optimizer?.type === 'sgd' && optimizer.nesterov && optimizer.momentum === 0)
    yield { pointer: '/optimizer/nesterov', detail: 'nesterov needs momentum; set optimizer.momentum, e.g. to 0.9' };
  const twice = optimizer?.groups.findIndex(({ match }, i, all) => all.findIndex((g) => g.match === match) < i) ?? -1;
  if (twice >= 0)
    yield {
      pointer: `/optimizer/groups/${twice}/match`,
      detail: 'a group before this one has the same weights; use one group a kind',
    };
  if (schedule && 'warmupEpochs' in schedule && epochs !== undefined && schedule.warmupEpochs > epochs)
    yield {
      pointer: '/schedule/warmupEpochs',
      detail: `a warm-up of ${schedule.warmupEpochs} epochs does not end within the ${epochs} epochs of the run`,
    };
  if (augmentation && augmentation.translate >= side)
    yield {
      pointer: '/augmentation/translate',
      detail: `a shift of ${augmentation.translate} pixels can empty a ${height}x${width} image; use at most ${side - 1}`,
    };
  if (augmentation && augmentation.cutout > side)
    yield {
      pointer: '/augmentation/cutout',
      detail: `a ${augmentation.cutout}x${augmentation.cutout} square does not fit a ${height}x${width} image; use at most ${side}`,
    };
  if (testAugmentation === 'mirrorTranslate' && side < 2)
    yield {
      pointer: '/testAugmentation',
      detail: `a ${height}x${width} image cannot be shifted by a pixel and reflected; use mirror or none`,
    };
  if (typeof normalization !== 'object') return;
  for (const key of ['mean', 'std'] as const)
    if (normalization[key].length !== channels)
      yield {
        pointer: `/normalization/${key}`,
        detail: `must have ${channels} ${channels === 1 ? 'number' : 'numbers'}, one a channel of the images, but has ${normalization[key].length}`,
      };
}

function* splitRules({ batchSize, dataset: choice }: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  if (!choice) return;
  const { train, validation } = splitSizes(dataset, choice);
  const images = train + validation;
  if (dataset.testImages === 0)
    yield {
      pointer: '/dataset',
      detail: `${dataset.name} has no test images, so that a model could not be tested; import it with some`,
    };
  if (validation === 0)
    yield {
      pointer: '/dataset/validationFraction',
      detail: `${choice.validationFraction} of ${images} images is less than one image; use at least ${Math.ceil(1000 / images) / 1000}`,
    };
  if (batchSize !== undefined && batchSize > train)
    yield {
      pointer: '/batchSize',
      detail: `${batchSize} is larger than the ${train} training images (${validation} of ${images} are held back for validation); use at most ${train}`,
    };
}

function* modelRules(
  { batchSize, dropLastBatch, dataset: choice }: Partial<Fields>,
  model: Model,
  dataset: Dataset,
): Generator<Fault> {
  if (batchSize === undefined) return;
  const bytes = activationBytes(model, batchSize);
  if (bytes > maxActivationBytes)
    yield {
      pointer: '/batchSize',
      detail: `a step of ${batchSize} images would need ${gibibytes(bytes)} for activations, more than the ${gibibytes(maxActivationBytes)} allowed; use at most ${Math.floor((batchSize * maxActivationBytes) / bytes)} or a smaller architecture`,
    };
  const flatNorm = flattenLayers(model.layers).find(
    ({ layer, outputShape }) => layer.type === 'batchNorm' && elements(outputShape.slice(0, -1)) === 1,
  );
  const train = choice ? splitSizes(dataset, choice).train : 0;
  if (flatNorm && (batchSize === 1 || (!dropLastBatch && train % batchSize === 1)))
    yield {
      pointer: '/batchSize',
      detail: `batchNorm at ${flatNorm.pointer.slice(1)} has one value a channel in a batch of 1, which has no variance; ${batchSize === 1 ? 'use at least 2' : `choose one that does not leave 1 of the ${train} training images over`}`,
    };
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

function complete(fields: Fields, architecture: unknown, dataset: Dataset | null): JobSpec {
  return {
    ...fields,
    architecture: architectureSchema.parse(architecture),
    dataset: { ...fields.dataset, version: dataset?.version ?? fields.dataset.version },
    seed: fields.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
