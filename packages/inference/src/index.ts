export type { Images, ModelFile, ModelSource, Prediction, PredictorOptions } from './model.js';
export { Predictor } from './predictor.js';
export { TensorFlowReader } from './tensorFlow/tensorFlowReader.js';
export { onnxRuntimeVersion, tensorFlowVersion } from './versions.js';
