import { type Dataset, maxPredictedImages, type TrainingPosition } from '@trainyard/contracts';
import type { TestPlan } from '../plan/trainingPlan.js';
import type { TrainOptions } from './options.js';

type Options = Pick<TrainOptions, 'executor' | 'emit'>;

type Start = Pick<TestPlan, 'model' | 'spec'> & {
  /** Of the training; 0: nothing is trained. */
  stepsPerEpoch: number;
  resumedFrom: TrainingPosition | null;
};

/** Emits `started`, and a warning where the executor computes in another precision than the spec's. */
export async function announceStart(
  { executor, emit }: Options,
  { model, spec, stepsPerEpoch, resumedFrom }: Start,
): Promise<void> {
  await emit({ type: 'started', executor: executor.info, parameters: model.parameters, stepsPerEpoch, resumedFrom });
  const { name, device, precision = 'fp32' } = executor.info;
  if (spec.precision === precision) return;
  const computes = `the ${name} executor computes in ${precision} on ${device}`;
  const message = `${computes}; precision ${spec.precision} has no effect`;
  await emit({ type: 'warning', code: 'precision_ignored', message });
}

/** Whether a test keeps the prediction of each image; emits a warning where it does not. */
export async function keepsPredictions({ emit }: Options, { testImages }: Dataset): Promise<boolean> {
  if (testImages <= maxPredictedImages) return true;
  const message = `the test split has more than ${maxPredictedImages} images: their predictions are not kept`;
  await emit({ type: 'warning', code: 'predictions_not_kept', message });
  return false;
}
