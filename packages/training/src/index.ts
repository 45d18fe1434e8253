/*
 * In reading order:
 *
 *   plan/         what spec and dataset decide before the first step: split, schedule, programs, memory
 *   loop/         train.ts is the whole run; trainingRun.ts prepares it, epoch.ts has the parts of an epoch
 *   data/         the dataset in the executor's memory, batches, and what each step is fed
 *   whitening/    initial filters of the first layer from the training images, where the spec requests them
 *   evaluation/   loss and accuracy of a split; the test of the best weights
 *   checkpoints/  a run as a checkpoint on disk, and back
 */
export { epochOrder } from './data/feeds.js';
export { testWeights } from './evaluation/testWeights.js';
export type { TrainOptions } from './loop/options.js';
export { train } from './loop/train.js';
export { type Interruption, TrainingSignal } from './loop/trainingSignal.js';
export { expectedMemory } from './plan/expectedMemory.js';
export { type Training, trainProgram } from './plan/programs.js';
export { splitWarning } from './plan/splitWarning.js';
export { planTraining, splitOf, type TrainingPlan } from './plan/trainingPlan.js';
