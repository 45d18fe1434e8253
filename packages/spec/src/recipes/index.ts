import type { PresetName } from '@trainyard/architectures';
import { cnn3, lenet, vgg6 } from './article.js';
import { resnetPhoto } from './photo.js';
import type { Recipes } from './recipe.js';
import { airbench94, airbenchMini, resnet9 } from './records.js';

export type { Recipe, Recipes } from './recipe.js';

/** The recipes of every preset. */
export const recipes: Record<PresetName, Recipes> = {
  lenet,
  cnn3,
  vgg6,
  resnet9,
  airbench94,
  'airbench-mini': airbenchMini,
  'resnet-photo': resnetPhoto,
};
