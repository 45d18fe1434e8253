export * from './check.js';
export * from './describe.js';
export * from './model.js';
export * from './plan.js';
export * from './presetList.js';
export * from './presets/index.js';
export * from './recipe.js';
export { maxWeights, presetLayers, resolveModel } from './resolve.js';
