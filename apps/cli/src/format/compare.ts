import type { ComparedPair, Comparison, CostsAnswer, JobCost, SeedGroup } from '@trainyard/contracts';
import { printable } from '../terminal.js';
import { formatInterval } from './bars.js';
import { type ChartStyle, formatCurves } from './charts.js';
import { counted, formatDuration, formatLoss, formatPercent, formatSetting } from './numbers.js';
import { type Column, formatTable } from './table.js';

/** Jobs have letters here, in the order of the command, then numbers: ids are too long for tables of pairs. */
const letterOf = (index: number): string => (index < 26 ? String.fromCharCode(65 + index) : `#${index + 1}`);

const interval = ({ low, high }: { low: number; high: number }): string =>
  `${(100 * low).toFixed(2)} to ${formatPercent(high, 2)}`;

/** A p-value, e.g. `0.0123`, `3.2e-8`. */
const formatP = (p: number): string => (p >= 0.001 ? p.toFixed(4) : p.toExponential(1));

interface Ranked {
  letter: string;
  rank: string;
  job: Comparison['jobs'][number];
}

const rankedColumns: Column<Ranked>[] = [
  { title: '', cell: ({ letter }) => letter },
  { title: 'rank', cell: ({ rank }) => rank, align: 'right' },
  { title: 'job', cell: ({ job }) => job.jobId },
  {
    title: 'architecture',
    cell: ({ job }) => (job.kind === 'test' ? `${job.architecture} (test)` : job.architecture),
    elastic: 'end',
  },
  {
    title: 'accuracy',
    cell: ({ job }) => (job.testAccuracy === null ? job.state : formatPercent(job.testAccuracy, 2)),
    align: 'right',
  },
  {
    title: '95 % interval',
    cell: ({ job }) => (job.testAccuracyInterval === null ? '' : interval(job.testAccuracyInterval)),
  },
  { title: 'trained for', cell: ({ job }) => formatDuration(job.trainingSeconds), align: 'right' },
];

/** Validation accuracy and loss of the jobs, each on one axis, and their test accuracies as bars with intervals. */
export function formatCompareCharts({ jobs, axis, curves }: Comparison, style: ChartStyle): string[] {
  const chart = (title: string, key: 'validationAccuracy' | 'validationLoss', format: (y: number) => string) => {
    const lines = curves.map(({ points }, i) => ({
      label: letterOf(i),
      points: points.map((point) => ({ x: point.x ?? Number.NaN, y: point[key] })),
    }));
    return formatCurves(title, lines, { name: axis, format }, style);
  };
  return [
    ...section(
      '',
      chart('Validation accuracy', 'validationAccuracy', (y) => formatPercent(y)),
    ),
    ...section('', chart('Validation loss', 'validationLoss', formatLoss)),
    ...section('Test accuracy, lighter: the 95 % interval', formatAccuracyBars(jobs, style)),
  ];
}

/** e.g. `A  60.14 %  #######==` */
function formatAccuracyBars(jobs: Comparison['jobs'], style: ChartStyle): string[] {
  const names = jobs.map((_, i) => letterOf(i));
  const width = Math.max(...names.map((name) => name.length));
  return jobs.flatMap(({ testAccuracy, testAccuracyInterval: range }, i) => {
    if (testAccuracy === null || range === null) return [];
    const before = `${names[i]?.padEnd(width)}  ${formatPercent(testAccuracy, 2).padStart(8)}  `;
    return [before + formatInterval(range, { ...style, width: Math.min(style.width - before.length, 60) })];
  });
}

/** The jobs by rank, those that tie under one rank; the test of each pair; seeds; what differs in the specs. */
export function formatComparison(comparison: Comparison, { classes = false, width = 80 } = {}): string[] {
  const letters = new Map(comparison.jobs.map(({ jobId }, i) => [jobId, letterOf(i)]));
  const letter = (id: string): string => letters.get(id) ?? id;
  const jobs = new Map(comparison.jobs.map((job) => [job.jobId, job]));
  const ranks = new Map(comparison.leaderboard.map((row) => [row.jobId, row]));
  const order = [...ranks.keys(), ...[...jobs.keys()].filter((id) => !ranks.has(id))];
  const ranked = order.flatMap((id): Ranked[] => {
    const job = jobs.get(id);
    return job ? [{ letter: letter(id), rank: String(ranks.get(id)?.rank ?? ''), job }] : [];
  });
  return [
    ...formatTable(rankedColumns, ranked, Math.max(width, 110)),
    '',
    ...comparison.pairs.map((pair) => formatPair(pair, letter)),
    ...section(
      '',
      comparison.seeds.filter(({ jobs }) => jobs.length > 1).map((group) => formatSeeds(group, letter)),
    ),
    ...(classes ? section('Recall of each class:', formatClasses(comparison, width)) : []),
    ...section('Differences of the specs:', comparison.specDifferences.map(formatDifference)),
  ];
}

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...lines];

/** e.g. `A and B tie: 0.50 points apart, p = 0.6171 (McNemar, exact)` */
function formatPair(pair: ComparedPair, letter: (id: string) => string): string {
  const [a, b] = [letter(pair.a), letter(pair.b)];
  if (pair.reason !== null) return `${a} and ${b} cannot be compared: ${pair.reason}`;
  const apart = `${Math.abs(100 * (pair.difference ?? 0)).toFixed(2)} points`;
  const method = pair.method === 'exact' ? 'exact' : 'chi-square';
  const test = `p = ${formatP(pair.adjustedP ?? 1)} (McNemar, ${method}, Holm)`;
  if (pair.sameSpec) return `${a} and ${b} tie: seeds of one spec, ${apart} apart, ${test}`;
  if (!pair.significant) return `${a} and ${b} tie: ${apart} apart, ${test}`;
  const [better, worse] = Number(pair.difference) > 0 ? [a, b] : [b, a];
  return `${better} is better than ${worse} by ${apart}, ${test}`;
}

/** e.g. `A, B: one spec with 2 seeds, 69.75 % ± 0.35 (69.50 to 70.00 %)`; ± is the standard deviation. */
function formatSeeds({ jobs, mean, standardDeviation, ...range }: SeedGroup, letter: (id: string) => string): string {
  const spread = standardDeviation === null ? '' : ` ± ${(100 * standardDeviation).toFixed(2)}`;
  const of = `${jobs.map(letter).join(', ')}: one spec with ${counted(jobs.length, 'seed')}`;
  return `${of}, ${(100 * mean).toFixed(2)}${spread} % (${interval(range)})`;
}

function formatClasses({ jobs, classes }: Comparison, width: number): string[] {
  const columns = jobs.map(
    (_, i): Column<Comparison['classes'][number]> => ({
      title: letterOf(i),
      cell: ({ recall }) => (typeof recall[i] === 'number' ? formatPercent(recall[i]) : 'N/A'),
      align: 'right',
    }),
  );
  return formatTable([{ title: 'class', cell: (row) => row.class, elastic: 'end' }, ...columns], classes, width);
}

/** e.g. `learningRate: 0.01, 0.1` in the order of the jobs. */
function formatDifference({ field, values }: Comparison['specDifferences'][number]): string {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const line = `${field}: ${texts.join(', ')}`;
  return printable(line.length > 200 ? `${line.slice(0, 199)}…` : line);
}

const costColumns: Column<JobCost>[] = [
  { title: 'rank', cell: ({ rank }) => String(rank ?? ''), align: 'right' },
  { title: 'job', cell: ({ jobId }) => jobId },
  { title: 'architecture', cell: ({ architecture }) => architecture, elastic: 'end' },
  { title: 'epoch', cell: ({ epoch }) => String(epoch ?? ''), align: 'right' },
  { title: 'mean cost', cell: ({ meanCost }) => (meanCost === null ? '' : formatSetting(meanCost)), align: 'right' },
  {
    title: '95 % interval',
    cell: ({ interval, reason }) =>
      reason ?? (interval ? `${formatSetting(interval.low)} to ${formatSetting(interval.high)}` : ''),
  },
];

/** The checkpoints of jobs by the mean cost of a test image. */
export const formatCosts = ({ data }: CostsAnswer, width: number): string[] =>
  formatTable(costColumns, data, Math.max(width, 110));
