import type { Recipes } from './recipe.js';

/** Usual values for residual networks (He et al. 2016), with a shorter schedule. */
export const resnetPhoto: Recipes = {
  tuned: {
    learningRate: 0.05,
    batchSize: 64,
    epochs: 30,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    schedule: { type: 'triangular', warmupFraction: 0.2, initialFraction: 0.2, finalFraction: 0 },
    loss: { labelSmoothing: 0.1 },
    augmentation: { flip: 'alternating', translate: 4, border: 'reflect' },
    testAugmentation: 'mirror',
    normalization: 'dataset',
    dataset: { validationFraction: 0.1 },
  },
};
