export type { Images, ModelFile, ModelSource, Prediction, PredictorOptions } from './model.js';
export { Predictor } from './predictor.js';
