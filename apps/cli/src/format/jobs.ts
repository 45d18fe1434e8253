import { type Job, type JobState, maxQueuePosition, type Quantiles, type StopReason } from '@trainyard/contracts';
import { printable, type Terminal } from '../terminal.js';
import {
  counted,
  formatCount,
  formatDuration,
  formatLoss,
  formatPercent,
  formatSetting,
  formatTime,
  formatValidation,
} from './numbers.js';
import { formatOverall } from './results.js';
import { type Column, formatFields, formatTable } from './table.js';

const columns: Column<Job>[] = [
  { title: 'job', cell: ({ id }) => id },
  { title: 'state', cell: ({ state }) => state },
  { title: 'model', cell: ({ architecture }) => architecture },
  { title: 'data', cell: formatDataset, elastic: 'start' },
  { title: 'epoch', cell: epochOf, align: 'right' },
  { title: 'accuracy', cell: accuracyOf, align: 'right' },
  { title: 'name', cell: ({ name }) => name ?? '', elastic: 'end' },
];

export const formatJobs = (jobs: readonly Job[], width = 80): string[] =>
  formatTable(jobs.some(({ name }) => name) ? columns : columns.slice(0, -1), jobs, width);

export function epochOf({ progress, best, spec, kind }: Job): string {
  if (kind === 'test') return 'test';
  const epoch = progress?.epoch ?? best?.epoch;
  return epoch === undefined ? '' : `${epoch}/${spec.epochs}`;
}

/** Of the test, marked where the job failed later; else of the best epoch's validation, marked as such. */
export function accuracyOf({ test, best }: Job): string {
  if (test) return `${formatPercent(test.accuracy, 2)}${test.partial ? ' partial' : ''}`;
  return best ? `~${formatPercent(best.validationAccuracy)}` : '';
}

const stateStyles: Partial<Record<JobState, 'green' | 'red' | 'yellow' | 'cyan'>> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
  cancelling: 'yellow',
  pausing: 'yellow',
  paused: 'yellow',
  running: 'cyan',
};

export function paintState(terminal: Terminal, state: JobState): string {
  const style = stateStyles[state];
  return style ? terminal.paint(style, state) : state;
}

/** What decides the training, in a line: `batch 20, learning rate 0.01, 30 epochs, sgd`; of a test, what it tests. */
export const formatSummary = ({ spec, source }: Job): string =>
  source
    ? `test of epoch ${source.epoch} of ${source.jobId}`
    : [
        `batch ${spec.batchSize}`,
        `learning rate ${formatSetting(spec.learningRate)}`,
        counted(spec.epochs, 'epoch'),
        spec.optimizer.type,
      ].join(', ');

/** e.g. `lenet (62,006 parameters) on cifar10@1` */
export const formatSubject = (job: Job): string =>
  `${job.architecture} (${counted(job.parameters, 'parameter')}) on ${formatDataset(job)}`;

/** e.g. `pets@2` */
function formatDataset({ dataset, datasetVersion }: Job): string {
  return datasetVersion === null ? dataset : `${dataset}@${datasetVersion}`;
}

/** e.g. `12 jobs`, and `1,000 jobs or more` where the count ends. */
export const formatQueuePosition = (position: number): string =>
  `${counted(position, 'job')}${position < maxQueuePosition ? '' : ' or more'}`;

/** Everything about one job that a person asks for. */
export function formatJob(job: Job): string[] {
  const { progress, best, test, executor, failure } = job;
  return formatFields([
    ['name', job.name],
    ['experiment', job.experiment],
    ['tags', job.tags.length > 0 ? job.tags.join(', ') : null],
    ['notes', job.notes || null],
    ['model', formatSubject(job)],
    [
      'dataset',
      `${formatDataset(job)}${job.datasetDigest === null ? '' : `, digest ${job.datasetDigest.slice(0, 12)}`}`,
    ],
    [job.source ? 'checkpoint' : 'recipe', formatSummary(job)],
    ['starts from', job.initialWeights && formatInitialWeights(job.initialWeights)],
    ['seed', String(job.spec.seed)],
    ['imported', job.imported && `from ${job.imported.from}, ${formatTime(job.imported.at)}`],
    ['submitted', formatTime(job.createdAt)],
    ['started', job.startedAt && formatTime(job.startedAt)],
    ['finished', job.finishedAt && formatTime(job.finishedAt)],
    ['waits for', job.queuePosition === null ? null : formatQueuePosition(job.queuePosition)],
    ['forecast', job.forecast && !job.terminal ? formatForecast(job.forecast) : null],
    ['attempt', String(job.attempt)],
    ['runs on', executor && formatExecutor(executor)],
    ['stopped', job.stopped && stopTexts[job.stopped]],
    ['cost', job.cost === null ? null : job.cost.toPrecision(3)],
    ['time', job.trainingSeconds > 0 ? formatDuration(job.trainingSeconds) : null],
    [
      'progress',
      progress && !job.terminal
        ? `epoch ${progress.epoch}/${progress.epochs}, ${formatPercent(progress.fraction)} of all`
        : null,
    ],
    [
      'speed',
      progress && job.state !== 'paused' && !job.terminal ? `${formatCount(progress.imagesPerSecond)} images/s` : null,
    ],
    [
      'time left',
      progress?.etaSeconds != null && job.state !== 'paused' && !job.terminal
        ? formatDuration(progress.etaSeconds)
        : null,
    ],
    ['best', best && `epoch ${best.epoch}: validation loss ${formatValidation(best)}`],
    ['test', test && formatTest(test)],
    ['failure', failure && `${failure.message} (${failure.code})`],
  ]);
}

/** e.g. `starts in 10 s to 40 s, runs 2 min to 3 min (all 2 workers are busy)` */
export function formatForecast({ startSeconds, runSeconds, reason }: NonNullable<Job['forecast']>): string {
  const range = ({ p10, p90 }: Quantiles) => `${formatDuration(p10)} to ${formatDuration(p90)}`;
  const parts = [
    ...(startSeconds ? [`starts in ${range(startSeconds)}`] : []),
    ...(runSeconds ? [`runs ${range(runSeconds)}`] : []),
  ];
  return parts.length > 0 ? `${parts.join(', ')} (${reason})` : reason;
}

/** e.g. `epoch 7 of job_…, digest 0123456789ab; from the seed: dense_1/kernel, dense_1/bias` */
function formatInitialWeights(loaded: NonNullable<Job['initialWeights']>): string {
  const { jobId, epoch, file, weightsSha256, fromSeed } = loaded;
  const head = fromSeed.length > 0 ? `; from the seed: ${fromSeed.join(', ')}` : '';
  const source = jobId === null ? printable(file ?? '') : `epoch ${epoch} of ${jobId}`;
  return `${source}, digest ${weightsSha256.slice(0, 12)}${head}`;
}

const stopTexts: Record<StopReason, string> = {
  earlyStopping: 'early: no further improvement',
  seconds: 'at stopAfter.seconds',
  cost: 'at stopAfter.cost',
};

function formatTest(test: NonNullable<Job['test']>): string {
  const parts = [formatOverall(test), `loss ${formatLoss(test.loss)}`];
  if (test.accuracyAugmented !== null) parts.push(`with testAugmentation ${formatPercent(test.accuracyAugmented, 2)}`);
  if (test.partial) parts.push('partial: of the best weights before the failure');
  return parts.join(', ');
}

export const formatExecutor = ({ name, device, threads, version }: NonNullable<Job['executor']>): string =>
  `${name} ${device}${threads === null ? '' : `, ${counted(threads, 'thread')}`}, ${version}`;
