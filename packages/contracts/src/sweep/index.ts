export * from './space.js';
export * from './sweepSpec.js';
