import {
  type DatasetPredictionsQuery,
  type ImagePredictions,
  probabilityScale,
  type TestPredictions,
} from '@trainyard/contracts';
import { suspectedLabels } from './confidentLearning.js';
import { classIndex, orderImages, pageOfImages } from './imagePages.js';

/** Counts over runs that were tested on the same images. */
export class ImageCounts {
  runs = 0;
  private readonly missed: Uint16Array;
  private readonly suspected: Uint16Array;
  private readonly probabilities: Float64Array;
  private readonly guesses: Uint16Array[] = [];

  /** @param labels the true classes, [images] */
  constructor(
    private readonly classes: readonly string[],
    private readonly labels: Uint16Array,
  ) {
    this.missed = new Uint16Array(labels.length);
    this.suspected = new Uint16Array(labels.length);
    this.probabilities = new Float64Array(labels.length);
  }

  add(run: Omit<TestPredictions, 'datasetDigest'>): void {
    const suspects = suspectedLabels(run, this.classes.length);
    this.labels.forEach((label, i) => {
      this.missed[i] = Number(this.missed[i]) + (run.predicted[i] === label ? 0 : 1);
      this.suspected[i] = Number(this.suspected[i]) + Number(suspects[i]);
      this.probabilities[i] = Number(this.probabilities[i]) + Number(run.labelProbabilities[i]) / probabilityScale;
    });
    this.guesses.push(run.predicted);
    this.runs += 1;
  }

  /** @throws InvalidInputError for an unknown class */
  page({ show, actual, cursor, limit }: Omit<DatasetPredictionsQuery, 'runs' | 'version' | 'format'>) {
    const label = classIndex(this.classes, actual, '/actual');
    const value = this.valueOf(show);
    const isIn = (i: number) => (label === null || this.labels[i] === label) && this.isShown(show, i);
    const ordered = orderImages(this.labels.length, isIn, value);
    const { data, nextCursor } = pageOfImages(ordered, value, { sort: show, cursor, limit });
    return { data: Array.from(data, (image) => this.row(image)), matched: ordered.length, nextCursor };
  }

  private isShown(show: DatasetPredictionsQuery['show'], i: number): boolean {
    if (show === 'missed') return Number(this.missed[i]) > 0;
    if (show === 'neverRight') return this.runs > 0 && this.missed[i] === this.runs;
    return show === 'all' || (this.runs > 0 && 2 * Number(this.suspected[i]) >= this.runs);
  }

  /** Suspected labels in the order of the probability that they are right; others by misses, then by that. */
  private valueOf(show: DatasetPredictionsQuery['show']): (image: number) => number {
    const doubt = (i: number) => 1 - this.probability(i);
    return show === 'suspected' ? doubt : (i) => Number(this.missed[i]) + doubt(i) / 2;
  }

  private probability(image: number): number {
    return this.runs === 0 ? 0 : Number(this.probabilities[image]) / this.runs;
  }

  private row(image: number): ImagePredictions {
    return {
      image,
      actual: this.className(this.labels[image]),
      missed: Number(this.missed[image]),
      takenFor: this.takenFor(image),
      actualProbability: this.probability(image),
      suspected: Number(this.suspected[image]),
    };
  }

  private takenFor(image: number): string | null {
    const counts = new Map<number, number>();
    for (const predicted of this.guesses) {
      const guess = Number(predicted[image]);
      if (guess !== this.labels[image]) counts.set(guess, (counts.get(guess) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
    return most === undefined ? null : this.className(most[0]);
  }

  private className(index: number | undefined): string {
    return this.classes[index ?? 0] ?? String(index);
  }
}
