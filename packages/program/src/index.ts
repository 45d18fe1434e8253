export * from './executor.js';
export * from './program.js';
export * from './random.js';
