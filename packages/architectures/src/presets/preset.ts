import type { JobSpecInput, LayerInput, RecipeName } from '@trainyard/contracts';

/** How a preset is trained: the defaults of a spec that names it. `dataset`: what of the choice is the recipe's to say. */
export type Recipe = Partial<
  Pick<
    JobSpecInput,
    | 'learningRate'
    | 'batchSize'
    | 'epochs'
    | 'dropLastBatch'
    | 'optimizer'
    | 'schedule'
    | 'loss'
    | 'augmentation'
    | 'testAugmentation'
    | 'normalization'
    | 'lookahead'
    | 'checkpoint'
  >
> & { dataset?: { validationFraction: number } };

export interface Preset {
  description: string;
  /** For ten classes; the last dense layer's units follow the dataset (see resolveModel). */
  layers: LayerInput[];
  /** The first is what a spec gets that names none. */
  recipes: Partial<Record<RecipeName, Recipe>>;
}
