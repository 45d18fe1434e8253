export { type Training, trainProgram } from './programs.js';
export type { TrainOptions } from './run.js';
export { type Interruption, TrainingSignal } from './signal.js';
export { train } from './train.js';
