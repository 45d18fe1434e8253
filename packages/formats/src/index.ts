export { exportVersion, type ModelFormat, modelFormat, type TrainedModel } from './modelFormats.js';
export { encodeOnnx } from './onnx/onnxModel.js';
export type { Provenance } from './provenance.js';
export { encodeSafetensors, parseSafetensors } from './safetensors.js';
export { assertConsistent, bytesOf, type NamedTensor, type TensorData, type TensorType } from './tensor.js';
export { encodeTensorBoard, type TensorBoardRun } from './tensorboard/eventFile.js';
export { decodeWeights, encodeModelJson, storeWeights } from './tfjs/modelJson.js';
export { modelingCode } from './torch/modeling.js';
export { stateDict } from './torch/stateDict.js';
