import { type Prediction, type PredictionsQuery, probabilityScale, type TestPredictions } from '@trainyard/contracts';
import { classIndex, orderImages, pageOfImages } from './imagePages.js';

/** The predictions of one job's test, with the names of the classes. */
export class JobPredictions {
  constructor(
    readonly classes: readonly string[],
    readonly arrays: TestPredictions,
  ) {}

  get images(): number {
    return this.arrays.labels.length;
  }

  /** The images that a query names, in its order. @throws InvalidInputError for an unknown class */
  select({ actual, predicted, wrong, sort }: PredictionsQuery): Uint32Array {
    const { labels, predicted: guesses } = this.arrays;
    const label = classIndex(this.classes, actual, '/actual');
    const guess = classIndex(this.classes, predicted, '/predicted');
    const isIn = (i: number) =>
      (label === null || labels[i] === label) &&
      (guess === null || guesses[i] === guess) &&
      !(wrong && labels[i] === guesses[i]);
    return orderImages(this.images, isIn, this.valueOf(sort));
  }

  /** A page of `select`. */
  page(query: PredictionsQuery): { data: Prediction[]; matched: number; nextCursor: string | null } {
    const selected = this.select(query);
    const { data, nextCursor } = pageOfImages(selected, this.valueOf(query.sort), query);
    return { data: Array.from(data, (image) => this.row(image)), matched: selected.length, nextCursor };
  }

  row(image: number): Prediction {
    const { labels, predicted, confidences, labelProbabilities } = this.arrays;
    return {
      image,
      actual: this.className(labels[image]),
      predicted: this.className(predicted[image]),
      correct: labels[image] === predicted[image],
      confidence: Number(confidences[image]) / probabilityScale,
      actualProbability: Number(labelProbabilities[image]) / probabilityScale,
    };
  }

  private valueOf(sort: PredictionsQuery['sort']): (image: number) => number {
    return sort === 'image' ? () => 0 : (image) => Number(this.arrays.confidences[image]);
  }

  private className(index: number | undefined): string {
    return this.classes[index ?? 0] ?? String(index);
  }
}
