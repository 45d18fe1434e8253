export { type TfjsBackend, tfjsBackends } from './backends.js';
export * from './executor.js';
