import type { LayerInput } from '@trainyard/contracts';

/** Layers that several presets have. */
export const relu: LayerInput = { type: 'activation', kind: 'relu' };
export const pool: LayerInput = { type: 'maxPool', size: 2 };
export const conv3 = (filters: number): LayerInput => ({ type: 'conv2d', filters, kernel: 3, padding: 1 });
export const dense = (units: number): LayerInput => ({ type: 'dense', units });
