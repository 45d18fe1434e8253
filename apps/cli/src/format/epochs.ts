import type { CheckpointMetric, EpochMetrics, Job, Progress } from '@trainyard/contracts';
import { type ChartStyle, formatCurves } from './charts.js';
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatMilliseconds,
  formatPercent,
  formatSetting,
  formatValidation,
} from './numbers.js';
import { type Column, formatTable } from './table.js';

/** Below this many columns an epoch's line is shortened. */
const roomy = 112;

/**
 * One epoch in one line, e.g.
 * `epoch 3/30  train 1.4321  validation 1.3987 (48.9 %)  7,912 images/s, 2.53 ms a step  best: 1.4502 -> 1.3987`.
 * @param best the best value before this epoch; null: there was none
 */
export function formatEpoch(
  metrics: EpochMetrics,
  epochs: number,
  best: number | null,
  metric: CheckpointMetric,
  width = roomy,
): string {
  const narrow = width < roomy;
  const speed = formatCount(metrics.imagesPerSecond);
  return [
    `epoch ${String(metrics.epoch).padStart(String(epochs).length)}/${epochs}`,
    `train ${formatLoss(metrics.trainLoss)}`,
    `${narrow ? 'val' : 'validation'} ${formatValidation(metrics)}`,
    narrow ? `${speed}/s` : `${speed} images/s${formatStep(metrics)}`,
    ...(metrics.best ? [formatBest(metrics[metric], best, metric, narrow)] : []),
  ].join('  ');
}

const formatStep = ({ stepMilliseconds }: EpochMetrics): string =>
  stepMilliseconds === null ? '' : `, ${formatMilliseconds(stepMilliseconds)} ms a step`;

function formatBest(value: number, before: number | null, metric: CheckpointMetric, narrow: boolean): string {
  if (metric === 'epoch') return 'kept';
  const show = metric === 'validationLoss' ? formatLoss : formatPercent;
  return `best${narrow ? '' : ':'} ${before === null ? show(value) : `${show(before)} -> ${show(value)}`}`;
}

/** A bar of `width` characters, e.g. `[#######-------]`. */
export function formatBar(fraction: number, width: number): string {
  const inner = Math.max(width - 2, 1);
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * inner);
  return `[${'#'.repeat(full)}${'-'.repeat(inner - full)}]`;
}

/** A text before and one after a bar that fills the rest of the line. */
export function formatBarLine(before: string, fraction: number, after: string, width = 80): string {
  const room = Math.min(width - 1 - before.length - after.length - 2, 40);
  return room >= 8 ? `${before} ${formatBar(fraction, room)} ${after}` : `${before} ${after}`;
}

/**
 * The status line of a running job: epoch, the whole run's bar, where there is room the best epoch so far, speed, time
 * left.
 */
export function formatProgress(progress: Progress, best: Job['best'], width = 80): string {
  const before = `epoch ${progress.epoch}/${progress.epochs}`;
  const left = progress.etaSeconds === null ? '' : `  ${formatDuration(progress.etaSeconds)} left`;
  const after = (middle: string) =>
    `${formatPercent(progress.fraction, 0)}${middle}  ${formatCount(progress.imagesPerSecond)} images/s${left}`;
  const soFar = best ? `  ${formatValidation(best)}` : '';
  const full = after(soFar);
  const fits = before.length + full.length + 12 < width;
  return formatBarLine(before, progress.fraction, fits ? full : after(''), width);
}

const columns: Column<EpochMetrics>[] = [
  { title: 'epoch', cell: ({ epoch, best }) => `${epoch}${best ? '*' : ' '}`, align: 'right' },
  { title: 'train', cell: ({ trainLoss }) => formatLoss(trainLoss), align: 'right' },
  { title: 'accuracy', cell: ({ trainAccuracy }) => formatPercent(trainAccuracy), align: 'right' },
  { title: 'validation', cell: ({ validationLoss }) => formatLoss(validationLoss), align: 'right' },
  { title: 'accuracy', cell: ({ validationAccuracy }) => formatPercent(validationAccuracy), align: 'right' },
  { title: 'rate', cell: ({ learningRate }) => formatSetting(learningRate), align: 'right' },
  { title: 'images/s', cell: ({ imagesPerSecond }) => formatCount(imagesPerSecond), align: 'right' },
  {
    title: 'ms/step',
    cell: ({ stepMilliseconds }) => (stepMilliseconds === null ? '' : formatMilliseconds(stepMilliseconds)),
    align: 'right',
  },
];

/** Loss and accuracy over the epochs, a chart each. */
export function formatEpochCurves(epochs: readonly EpochMetrics[], style: ChartStyle): string[] {
  const chart = (name: string, of: (epoch: EpochMetrics) => number[], format: (y: number) => string) => {
    const curves = ['validation', 'training'].map((label, i) => ({
      label,
      points: epochs.map((epoch) => ({ x: epoch.epoch, y: of(epoch)[i] ?? Number.NaN })),
    }));
    const lines = formatCurves(name, curves, { name: 'epoch', format }, style);
    return lines.length > 0 ? ['', ...lines] : [];
  };
  return [
    ...chart(
      'Accuracy',
      (epoch) => [epoch.validationAccuracy, epoch.trainAccuracy],
      (y) => formatPercent(y),
    ),
    ...chart('Loss', (epoch) => [epoch.validationLoss, epoch.trainLoss], formatLoss),
  ];
}

/** A line an epoch; those that were the best so far have a star. */
export const formatEpochTable = (epochs: readonly EpochMetrics[]): string[] => formatTable(columns, epochs);
