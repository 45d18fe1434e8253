import type { Augmentation } from '@trainyard/contracts';
import type { Recipe, Recipes } from './recipe.js';

/** The article prints no batch size for cnn3 ("larger") and none for vgg6; theirs is that of lenet. */
const printed = { batchSize: 20, epochs: 30 };

/** The settings that the tuned recipes of the article's models share, found by trials on CIFAR-10. */
const tuned: Recipe = {
  optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  schedule: { type: 'triangular', warmupFraction: 0.2, initialFraction: 0.2, finalFraction: 0 },
  testAugmentation: 'mirror',
  normalization: 'dataset',
  dataset: { validationFraction: 0.1 },
};

const flipAndShift = (translate: number): Partial<Augmentation> => ({
  flip: 'alternating',
  translate,
  border: 'reflect',
});

export const lenet: Recipes = {
  article: { learningRate: 0.01, ...printed },
  tuned: { ...tuned, learningRate: 0.02, batchSize: 64, epochs: 40, augmentation: flipAndShift(2) },
};

export const cnn3: Recipes = {
  article: { learningRate: 0.01, ...printed },
  tuned: { ...tuned, learningRate: 0.03, batchSize: 64, epochs: 30, augmentation: flipAndShift(2) },
};

export const vgg6: Recipes = {
  article: { learningRate: 0.001, ...printed },
  tuned: {
    ...tuned,
    learningRate: 0.02,
    batchSize: 64,
    epochs: 12,
    loss: { labelSmoothing: 0.1 },
    augmentation: flipAndShift(4),
  },
};
