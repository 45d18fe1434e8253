import type { Recipe, Recipes } from './recipe.js';

/** Recipes that set records for the time to 94 % on CIFAR-10. */

/** David Page, "How to train your ResNet" (2018). His rates are for a sum of losses, these for their mean. */
export const resnet9: Recipes = {
  tuned: {
    learningRate: 0.4,
    batchSize: 512,
    epochs: 24,
    dropLastBatch: true,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    schedule: { type: 'triangular', warmupFraction: 5 / 24, initialFraction: 0, finalFraction: 0 },
    augmentation: { flip: true, translate: 4, border: 'reflect', cutout: 8 },
    normalization: 'dataset',
    dataset: { validationFraction: 0.02 },
  },
};

/** Jordan 2024 (arXiv 2404.00498), in fp32 and for 10 epochs instead of 9.9. The rates are for a mean of losses. */
const airbench: Recipe = {
  learningRate: 1.5,
  batchSize: 1024,
  epochs: 10,
  dropLastBatch: true,
  optimizer: {
    type: 'sgd',
    momentum: 0.85,
    nesterov: true,
    weightDecay: 1.33e-3,
    groups: [{ match: 'beta', learningRateFactor: 64, weightDecay: 2.08e-5 }],
  },
  schedule: { type: 'triangular', warmupFraction: 0.23, initialFraction: 0.2, finalFraction: 0.07 },
  loss: { labelSmoothing: 0.2 },
  lookahead: { every: 5, decay: 0.95 ** 5, power: 3 },
  augmentation: { flip: 'alternating', translate: 2, border: 'reflect' },
  testAugmentation: 'mirrorTranslate',
  normalization: 'dataset',
  dataset: { validationFraction: 0.02 },
};

export const airbench94: Recipes = { tuned: airbench };

/** Half the batch size, and therefore half the learning rate. */
export const airbenchMini: Recipes = { tuned: { ...airbench, batchSize: 512, learningRate: 0.75, epochs: 8 } };
