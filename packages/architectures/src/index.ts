export * from './check.js';
export * from './describe.js';
export * from './model.js';
export * from './plan.js';
export * from './presets.js';
export { maxWeights, presetLayers, resolveModel } from './resolve.js';
