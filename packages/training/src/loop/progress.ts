import type { Progress } from '@trainyard/contracts';

/** Seconds after which a chunk has the weight 1/e in the pace. */
const decaySeconds = 10;

/** Images per second, with exponentially smaller weights for older chunks. */
export class Pace {
  #images = 0;
  #seconds = 0;

  add(images: number, seconds: number): void {
    const kept = Math.exp(-seconds / decaySeconds);
    this.#images = this.#images * kept + images;
    this.#seconds = this.#seconds * kept + seconds;
  }

  get imagesPerSecond(): number {
    return this.#seconds > 0 ? this.#images / this.#seconds : 0;
  }
}

/** A forward pass is about a third of a training step: the estimate until the first validation has been timed. */
const validationShare = 1 / 3;

/** Times are in seconds. */
export interface ProgressInput {
  /** Complete epochs. */
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
