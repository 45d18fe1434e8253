import { probabilityScale, type TestPredictions } from '@trainyard/contracts';
import { type Session, slotNames } from '@trainyard/program';
import type { TestPlan } from '../plan/trainingPlan.js';

/** Collects the prediction of every image of the test split, batch by batch, while a test runs. */
export class PredictionRecord {
  readonly predictions: TestPredictions;

  private constructor(
    private readonly session: Session,
    datasetDigest: string,
    labels: Uint16Array<ArrayBuffer>,
  ) {
    this.predictions = {
      datasetDigest,
      labels,
      predicted: new Uint16Array(labels.length),
      confidences: new Uint16Array(labels.length),
      labelProbabilities: new Uint16Array(labels.length),
    };
  }

  static async open(session: Session, { packed, dataset }: TestPlan): Promise<PredictionRecord> {
    return new PredictionRecord(session, dataset.digest, Uint16Array.from(await packed.readLabels('test')));
  }

  /** Reads the logits of the batch that the session has just run; `first` is the index of its first image. */
  readonly readBatch = async (first: number, batchSize: number): Promise<void> => {
    const logits = await this.session.read(slotNames.logits(batchSize));
    const classes = logits.length / batchSize;
    for (let row = 0; row < batchSize; row++)
      this.add(first + row, logits.subarray(row * classes, (row + 1) * classes));
  };

  /** @param logits of one image, [classes] */
  private add(image: number, logits: ArrayLike<number>): void {
    let best = 0;
    for (let k = 1; k < logits.length; k++) if (Number(logits[k]) > Number(logits[best])) best = k;
    const largest = Number(logits[best]);
    let sum = 0;
    for (let k = 0; k < logits.length; k++) sum += Math.exp(Number(logits[k]) - largest);
    const { labels, predicted, confidences, labelProbabilities } = this.predictions;
    const ofLabel = Math.exp(Number(logits[labels[image] as number]) - largest) / sum;
    predicted[image] = best;
    confidences[image] = Math.round(probabilityScale / sum);
    labelProbabilities[image] = Math.round(probabilityScale * ofLabel);
  }
}
