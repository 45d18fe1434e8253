import type { Recipe } from './preset.js';

/** What the tuned recipes of the article's models share, found by trials on CIFAR-10, and what each has of its own. */
export const tuned = (own: Recipe): Recipe => ({
  optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  schedule: { type: 'triangular', warmupFraction: 0.2, initialFraction: 0.2, finalFraction: 0 },
  testAugmentation: 'mirror',
  normalization: 'dataset',
  dataset: { validationFraction: 0.1 },
  ...own,
});
