export { checkArchitecture, checkLayers } from './check/checkArchitecture.js';
export { assumedDataset, type CheckedSpec, checkSpec, noSuchDataset } from './check/checkSpec.js';
export { presetChanges } from './chosen.js';
export { type FittedWeights, fitWeights, type NamedShape, type WeightsToFit } from './initialWeights.js';
export {
  largestMemory,
  memoryBound,
  memoryWarning,
  type ProgramMemory,
  peakMemory,
  type TrainerPrograms,
} from './memory.js';
export { type PresetSummary, presetList } from './presetList.js';
export { type Recipe, type Recipes, recipes } from './recipes/index.js';
export { activationBytes, maxActivationBytes, planJob, splitSizes, stepsOfEpoch } from './sizes.js';
