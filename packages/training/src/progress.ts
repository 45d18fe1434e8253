import type { Progress } from '@trainyard/contracts';

/** Seconds after which a chunk counts for 1/e in the pace. */
const memory = 10;

/** A rate that forgets: images over seconds, older chunks weighing less. */
export class Pace {
  #images = 0;
  #seconds = 0;

  add(images: number, seconds: number): void {
    const kept = Math.exp(-seconds / memory);
    this.#images = this.#images * kept + images;
    this.#seconds = this.#seconds * kept + seconds;
  }

  get imagesPerSecond(): number {
    return this.#seconds > 0 ? this.#images / this.#seconds : 0;
  }
}

/** A forward pass is about a third of a training step; the guess until the first validation was timed. */
const validationShare = 1 / 3;

/** What the run's progress is made of; times in seconds. */
export interface ProgressInput {
  /** Epochs that are complete, and in all. */
  epoch: number;
  epochs: number;
  step: number;
  stepsPerEpoch: number;
  trainImages: number;
  validationImages: number;
  imagesPerSecond: number;
  /** Of the last epoch's validation; null before the first. */
  validationSeconds: number | null;
}

export function progressOf(input: ProgressInput): Progress {
  const { epoch, epochs, step, stepsPerEpoch, imagesPerSecond } = input;
  const share = Math.min(1, (epoch + step / stepsPerEpoch) / epochs);
  return {
    epoch: Math.min(epoch + 1, epochs),
    epochs,
    step,
    stepsPerEpoch,
    fraction: share,
    imagesPerSecond,
    etaSeconds: imagesPerSecond > 0 ? secondsLeft(input, share) : null,
  };
}

function secondsLeft(input: ProgressInput, share: number): number {
  const { epochs, epoch, trainImages, validationImages, imagesPerSecond } = input;
  const training = ((1 - share) * epochs * trainImages) / imagesPerSecond;
  const validation = input.validationSeconds ?? (validationShare * validationImages) / imagesPerSecond;
  return training + (epochs - epoch) * validation;
}
