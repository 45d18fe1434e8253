export * from './augmentation.js';
export * from './datasetChoice.js';
export * from './initialWeights.js';
export * from './layers.js';
export * from './optimizer.js';
export * from './schedule.js';
export * from './spec.js';
export * from './weightPatterns.js';
