import type { AnyResultRow, ClassResult, TestResults } from '@trainyard/contracts';
import { printable } from '../terminal.js';
import { formatShare } from './bars.js';
import type { ChartStyle } from './charts.js';
import { formatDuration, formatLoss, formatPercent, formatSetting, formatTime } from './numbers.js';
import { type Column, formatTable } from './table.js';

/**
 * The article's table: a class a line, e.g. `airplane 70 % (705/1000)`, whole percents rounded down as the article's;
 * then the sums, and which classes are most often taken for which. With `charts`, each class has a bar.
 */
export function formatResults(results: TestResults, charts?: ChartStyle): string[] {
  const pairs = mostConfused(results);
  return [
    `Test Loss: ${results.loss.toFixed(6)}`,
    '',
    ...formatClasses(results.classes, charts),
    '',
    formatOverall(results),
    ...formatSummary(results),
    ...formatLast(results),
    ...(results.partial
      ? [`Partial: the job failed later; these are its best weights, of epoch ${results.epoch}.`]
      : []),
    ...(pairs.length > 0 ? ['', 'Most confused:', ...pairs.map((pair) => `  ${formatPair(pair)}`)] : []),
  ];
}

/** e.g. `Test Accuracy (Overall): 60.14 % (6014/10000)` */
export const formatOverall = ({ correct, total }: Pick<TestResults, 'correct' | 'total'>): string =>
  `Test Accuracy (Overall): ${total > 0 ? `${formatPercent(correct / total, 2)} (${correct}/${total})` : 'N/A'}`;

/** e.g. `Top-5 Accuracy: 95.31 %` and `Macro F1: 0.5987`, as far as there are such. */
function formatSummary({ accuracyAugmented, top5Accuracy, macroF1 }: TestResults): string[] {
  const lines = [];
  if (accuracyAugmented !== null)
    lines.push(`Test Accuracy with testAugmentation: ${formatPercent(accuracyAugmented, 2)}`);
  if (top5Accuracy !== null) lines.push(`Top-5 Accuracy: ${formatPercent(top5Accuracy, 2)}`);
  if (macroF1 !== null) lines.push(`Macro F1: ${macroF1.toFixed(4)}`);
  return lines;
}

/** e.g. `After the last epoch, 130: 77.60 % (7760/10000), loss 0.9012` where it is another than the best. */
function formatLast({ epoch, total, last }: TestResults): string[] {
  if (last === null || last.epoch === epoch) return [];
  const accuracy = `${formatPercent(last.accuracy, 2)} (${last.correct}/${total})`;
  return [`After the last epoch, ${last.epoch}: ${accuracy}, loss ${formatLoss(last.loss)}`];
}

/** Names end, and percents and bars begin, in one column. */
export function formatClasses(classes: readonly ClassResult[], charts?: ChartStyle): string[] {
  const width = Math.max(...classes.map((result) => printable(result.class).length));
  const lines = classes.map((result) => {
    const name = printable(result.class).padStart(width);
    if (result.total === 0) return `${name} N/A`;
    return `${name} ${Math.floor((100 * result.correct) / result.total)} % (${result.correct}/${result.total})`;
  });
  const longest = Math.max(...lines.map((line) => line.length));
  const room = charts ? Math.min(charts.width - longest - 2, 40) : 0;
  if (!charts || room < 8) return lines;
  return lines.map((line, i) => {
    const bar = formatShare(classes[i]?.accuracy ?? 0, { ...charts, width: room });
    return `${line.padEnd(longest)}  ${bar}`.trimEnd();
  });
}

interface Confusion {
  truth: string;
  taken: string;
  count: number;
  /** Of the true class's examples. */
  share: number;
}

/** Pairs of classes by how often the first was taken for the second, most often first. */
export function mostConfused(results: TestResults, limit = 5): Confusion[] {
  return results.confusion
    .flatMap((row, truth) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.flatMap((count, taken) =>
        count > 0 && taken !== truth ? [{ truth, taken, count, share: count / total }] : [],
      );
    })
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, limit)
    .map(({ truth, taken, ...rest }) => ({
      truth: className(results, truth),
      taken: className(results, taken),
      ...rest,
    }));
}

const className = (results: TestResults, index: number): string =>
  printable(results.classes[index]?.class ?? String(index));

/** e.g. `cat taken for dog 183 times (18.3 %)` */
const formatPair = ({ truth, taken, count, share }: Confusion): string =>
  `${truth} taken for ${taken} ${count === 1 ? 'once' : `${count} times`} (${formatPercent(share)})`;

/** What may be among rows: those of foreign runs lack much of it. */
type Row = Omit<AnyResultRow, 'foreign'>;

const percent = (share: number): string => formatPercent(share, 2);
const shown = <T>(value: T | null, format: (value: T) => string): string => (value === null ? '' : format(value));

function formatBestEpoch({ bestEpoch, epochs, kind }: Row): string {
  if (bestEpoch === null) return '';
  return kind === 'test' ? `test of ${bestEpoch}` : `${bestEpoch}${epochs === null ? '' : `/${epochs}`}`;
}

/** e.g. `60.14 %`, and `60.14 %*` of a job that failed later. */
function formatTestAccuracy({ testAccuracy, partial }: Row): string {
  return `${shown(testAccuracy, percent)}${partial ? '*' : ''}`;
}

const narrowColumns: Column<Row>[] = [
  { title: 'job', cell: ({ jobId }) => jobId },
  { title: 'architecture', cell: ({ architecture }) => architecture ?? '', elastic: 'end' },
  { title: 'accuracy', cell: formatTestAccuracy, align: 'right' },
  { title: 'loss', cell: ({ testLoss }) => shown(testLoss, formatLoss), align: 'right' },
  { title: 'epoch', cell: formatBestEpoch, align: 'right' },
  { title: 'time', cell: ({ trainingSeconds }) => shortDuration(trainingSeconds), align: 'right' },
];

const wideColumns: Column<Row>[] = [
  {
    title: 'last epoch',
    cell: ({ lastTestAccuracy }) => shown(lastTestAccuracy, percent),
    align: 'right',
  },
  {
    title: 'augmented',
    cell: ({ testAccuracyAugmented }) => shown(testAccuracyAugmented, percent),
    align: 'right',
  },
  { title: 'validation', cell: ({ validationAccuracy }) => shown(validationAccuracy, percent), align: 'right' },
  { title: 'top-5', cell: ({ top5Accuracy }) => shown(top5Accuracy, percent), align: 'right' },
  { title: 'macro F1', cell: ({ macroF1 }) => macroF1?.toFixed(4) ?? '', align: 'right' },
  { title: 'split seed', cell: ({ splitSeed }) => shown(splitSeed, String), align: 'right' },
  {
    title: 'dataset',
    cell: ({ dataset, datasetVersion }) => `${dataset ?? ''}${shown(datasetVersion, (version) => ` v${version}`)}`,
  },
  { title: 'rate', cell: ({ learningRate }) => shown(learningRate, formatSetting), align: 'right' },
  { title: 'batch', cell: ({ batchSize }) => shown(batchSize, String), align: 'right' },
  { title: 'optimizer', cell: ({ optimizer }) => optimizer ?? '' },
  { title: 'finished', cell: ({ finishedAt }) => formatTime(finishedAt) },
  { title: 'experiment', cell: ({ experiment }) => experiment },
  { title: 'name', cell: ({ name }) => name ?? '' },
];

/**
 * The history of runs; `epoch` is the best one of how many, or that of a tested checkpoint. With `wide` all columns,
 * whatever the width.
 */
export function formatHistory(rows: readonly Row[], { width = 80, wide = false } = {}): string[] {
  const table = wide
    ? formatTable([...narrowColumns, ...wideColumns], rows, Number.POSITIVE_INFINITY)
    : formatTable(narrowColumns, rows, width);
  return rows.some(({ partial }) => partial) ? [...table, '* partial: the job failed after this epoch'] : table;
}

/** e.g. `3h 12m`; columns have no room for more. */
const shortDuration = (seconds: number): string =>
  formatDuration(seconds).replaceAll(/ (min|h|d|s)/g, (_, unit: string) => unit.charAt(0));
