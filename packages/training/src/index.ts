export { expectedMemory } from './memory.js';
export { planTraining, type TrainingPlan } from './plan.js';
export { type Training, trainProgram } from './programs.js';
export type { TrainOptions } from './run.js';
export { type Interruption, TrainingSignal } from './signal.js';
export { testWeights } from './testing.js';
export { train } from './train.js';
