import type {
  DatasetPredictionPage,
  ImagePredictions,
  ImageRun,
  Prediction,
  PredictionPage,
} from '@trainyard/contracts';
import { counted, formatPercent } from './numbers.js';
import { type Column, formatTable } from './table.js';

const jobColumns: Column<Prediction>[] = [
  { title: 'image', cell: ({ image }) => String(image), align: 'right' },
  { title: 'class', cell: ({ actual }) => actual, elastic: 'end' },
  { title: 'taken for', cell: ({ correct, predicted }) => (correct ? '' : predicted), elastic: 'end' },
  { title: 'confidence', cell: ({ confidence }) => formatPercent(confidence, 2), align: 'right' },
  { title: 'class’s own', cell: ({ actualProbability }) => formatPercent(actualProbability, 2), align: 'right' },
];

/** The predictions of a job; `class’s own` is the probability of the true class. */
export function formatPredictions({ data, matched, images, missing }: PredictionPage, width: number): string[] {
  if (missing !== null) return [`no predictions: ${missing}`];
  return [...formatTable(jobColumns, data, width), `${matched} of ${counted(images ?? 0, 'test image')} match`];
}

const imageColumns = (runs: number): Column<ImagePredictions>[] => [
  { title: 'image', cell: ({ image }) => String(image), align: 'right' },
  { title: 'class', cell: ({ actual }) => actual, elastic: 'end' },
  { title: 'missed by', cell: ({ missed }) => `${missed}/${runs}`, align: 'right' },
  { title: 'mostly taken for', cell: ({ takenFor }) => takenFor ?? '', elastic: 'end' },
  { title: 'class’s own', cell: ({ actualProbability }) => formatPercent(actualProbability, 2), align: 'right' },
  { title: 'suspected by', cell: ({ suspected }) => `${suspected}/${runs}`, align: 'right' },
];

/** Images of a dataset over runs; `suspected by`: runs that think the label wrong. */
export function formatImages({ data, matched, images, runs, missing }: DatasetPredictionPage, width: number): string[] {
  if (missing !== null) return [`no predictions: ${missing}`];
  const sums = `${matched} of ${counted(images, 'test image')} match, over ${counted(runs.length, 'run')}`;
  return [...formatTable(imageColumns(runs.length), data, width), sums];
}

const runColumns: Column<ImageRun>[] = [
  { title: 'job', cell: ({ jobId }) => jobId },
  { title: 'architecture', cell: ({ architecture }) => architecture, elastic: 'end' },
  { title: 'taken for', cell: ({ predicted, correct }) => (correct ? '' : predicted), elastic: 'end' },
  { title: 'confidence', cell: ({ confidence }) => formatPercent(confidence, 2), align: 'right' },
];

/** What each run said of one image; `taken for` is empty where it was right. */
export const formatImageRuns = (runs: readonly ImageRun[], width: number): string[] =>
  runs.length === 0 ? ['no run'] : formatTable(runColumns, runs, width);
