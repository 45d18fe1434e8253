export { type ModelFormat, modelFormats, type TrainedModel } from './modelFormats.js';
export { encodeSafetensors, parseSafetensors } from './safetensors.js';
export { assertConsistent, bytesOf, type NamedTensor, type TensorData, type TensorType } from './tensor.js';
export { decodeWeights, encodeModelJson, type Provenance, storeWeights } from './tfjs/modelJson.js';
