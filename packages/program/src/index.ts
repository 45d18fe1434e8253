export { elementCount } from '@trainyard/architectures';
export { mixes } from './build/data.js';
export * from './build/evaluate.js';
export * from './build/groups.js';
export * from './build/predict.js';
export * from './build/train.js';
export * from './executor.js';
export * from './feeds.js';
export * from './initialValues.js';
export * from './operands.js';
export {
  type AnyOp,
  type FieldDeclaration,
  type FieldDeclarations,
  type NoFields,
  type NoOperands,
  type OpDeclaration,
  type OperandDeclaration,
  type OperandDeclarations,
  type OpsOf,
  type OpTable,
  op,
} from './ops/declaration.js';
export type {
  Activation,
  Border,
  ColorJitter,
  Convolution,
  ImageAugmentation,
  ImageView,
  Padding,
  Randomness,
  ResizedCrop,
  Window,
} from './ops/fields.js';
export * as opFields from './ops/fields.js';
export * from './ops/table.js';
export * from './outline.js';
export * from './passes/eliminateDeadOps.js';
export * from './passes/fuseActivation.js';
export * from './passes/optimize.js';
export * from './passes/pass.js';
export * from './passes/planMemory.js';
export * from './passes/updateEarly.js';
export * from './program.js';
export * from './random.js';
export * from './slots.js';
