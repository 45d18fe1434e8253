import { type Model, resolveModel } from '@trainyard/architectures';
import {
  augmentationSchema,
  type JobSpec,
  type LayerInput,
  layerListSchema,
  optimizerSchema,
} from '@trainyard/contracts';
import type { TrainProgramOptions } from '@trainyard/program';

/** A model of these layers; throws where their shapes do not fit. */
export function modelOf(layers: LayerInput[], inputShape: [number, number, number] = [6, 7, 3], classes = 4): Model {
  const { model, faults } = resolveModel({ layers: layerListSchema.parse(layers) }, inputShape, classes);
  if (model === null) throw new Error(JSON.stringify(faults));
  return model;
}

/** Options of a plain train program, and of an evaluation: SGD on four of twelve images. */
export const trainOptions = (
  model: Model,
  changes: Partial<TrainProgramOptions> = {},
): TrainProgramOptions & { testAugmentation: 'none' } => ({
  model,
  batchSize: 4,
  images: 12,
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  optimizer: optimizer('sgd'),
  loss: { labelSmoothing: 0 },
  augmentation: augmentationSchema.parse({}),
  testAugmentation: 'none',
  ema: false,
  lookahead: null,
  seed: 7,
  ...changes,
});

export const optimizer = (input: Parameters<typeof optimizerSchema.parse>[0]): JobSpec['optimizer'] =>
  optimizerSchema.parse(input);
