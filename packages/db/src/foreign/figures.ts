import type { ForeignFigures, ForeignMetric, NewForeignRun } from '@trainyard/contracts';

/** Names without case and punctuation: `val/acc`, `val_acc` and `valAcc` are one. */
const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Names of metrics of Keras, PyTorch Lightning, Transformers and this service; the first that is there counts. */
const metricNames = {
  trainLoss: ['trainloss', 'trainingloss', 'loss'],
  trainAccuracy: ['trainaccuracy', 'trainacc', 'trainingaccuracy', 'accuracy', 'acc'],
  validationLoss: ['valloss', 'validationloss', 'validloss', 'evalloss'],
  validationAccuracy: ['valaccuracy', 'valacc', 'validationaccuracy', 'validaccuracy', 'validacc', 'evalaccuracy'],
  testLoss: ['testloss'],
  testAccuracy: ['testaccuracy', 'testacc'],
  epoch: ['epoch'],
} as const;

const paramNames = {
  architecture: ['architecture', 'arch', 'modelname', 'model'],
  dataset: ['datasetname', 'dataset'],
  learningRate: ['learningrate', 'lr', 'optimizerlr', 'optlearningrate'],
  batchSize: ['batchsize', 'trainbatchsize', 'perdevicetrainbatchsize'],
  epochs: ['epochs', 'numepochs', 'nepochs', 'maxepochs', 'numtrainepochs'],
  optimizer: ['optimizertype', 'optimizername', 'optimizer', 'optname'],
} as const;

/**
 * What the history shows of a run: its metrics and params of usual names. An accuracy with values outside of [0, 1],
 * such as percents, is left out, as nothing says what it is.
 */
export function figuresOf({ metrics, params, dataset }: NewForeignRun): ForeignFigures {
  const curves = curvesOf(metrics);
  const best = bestOf(curves);
  const atBest = (metric: ForeignMetric | undefined) =>
    metric === undefined || best === null ? (lastOf(metric) ?? null) : valueAt(metric, best.step);
  return {
    architecture: text(params, paramNames.architecture),
    dataset: text(params, paramNames.dataset) ?? dataset,
    learningRate: number(params, paramNames.learningRate),
    batchSize: number(params, paramNames.batchSize),
    epochs: number(params, paramNames.epochs),
    optimizer: text(params, paramNames.optimizer),
    bestEpoch: best?.epoch ?? null,
    validationLoss: atBest(curves.validationLoss),
    validationAccuracy: atBest(curves.validationAccuracy),
    trainLoss: atBest(curves.trainLoss),
    trainAccuracy: atBest(curves.trainAccuracy),
    testLoss: lastOf(curves.testLoss) ?? null,
    testAccuracy: lastOf(curves.testAccuracy) ?? null,
  };
}

type Curves = Partial<Record<keyof typeof metricNames, ForeignMetric>>;

function curvesOf(metrics: readonly ForeignMetric[]): Curves {
  const byName = new Map(metrics.map((metric) => [bare(metric.key), metric]));
  const found = Object.entries(metricNames).flatMap(([figure, names]) => {
    const metric = names.map((name) => byName.get(name)).find((each) => each !== undefined);
    const fits = metric && (!figure.endsWith('Accuracy') || metric.values.every(isShare));
    return fits ? [[figure, metric] as const] : [];
  });
  return Object.fromEntries(found);
}

const isShare = (value: number | null): boolean => value === null || (value >= 0 && value <= 1);

/** The step of the lowest validation loss, or else of the highest validation accuracy, and its epoch. */
function bestOf({ validationLoss, validationAccuracy, epoch }: Curves): { step: number; epoch: number | null } | null {
  const metric = validationLoss ?? validationAccuracy;
  const sign = validationLoss ? 1 : -1;
  let best = -1;
  for (const [i, value] of (metric?.values ?? []).entries()) {
    if (value !== null && (best < 0 || sign * value < sign * (metric?.values[best] ?? 0))) best = i;
  }
  const step = metric?.steps[best];
  if (step === undefined) return null;
  const logged = epoch === undefined ? step : valueAt(epoch, step);
  const fits = logged !== null && Number.isInteger(logged) && Math.abs(logged) < 2 ** 31;
  return { step, epoch: fits ? logged : null };
}

const valueAt = ({ steps, values }: ForeignMetric, step: number): number | null =>
  values[steps.lastIndexOf(step)] ?? null;
const lastOf = (metric: ForeignMetric | undefined): number | null | undefined => metric?.values.at(-1);

function text(params: Record<string, string>, names: readonly string[]): string | null {
  const byName = new Map(Object.entries(params).map(([name, value]) => [bare(name), value.trim()]));
  // A long text is the print of an object, and an empty one no name.
  const fits = (value: string | undefined) => value !== undefined && value !== '' && value.length <= 200;
  return names.map((name) => byName.get(name)).find(fits) ?? null;
}

function number(params: Record<string, string>, names: readonly string[]): number | null {
  const value = text(params, names);
  return value !== null && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value))
    ? Number(value)
    : null;
}
