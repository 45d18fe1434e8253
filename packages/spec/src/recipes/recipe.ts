import type { JobSpecInput, RecipeName } from '@trainyard/contracts';

/** Hyper-parameters that train a preset: the defaults of a spec that names it. */
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
> & {
  /** Of the choice of a dataset, a recipe sets only this. */
  dataset?: { validationFraction: number; validationSplit?: 'stratified' };
};

/** The recipes of a preset for sets of any size; the first is the default. */
export type Recipes = Partial<Record<Exclude<RecipeName, 'small'>, Recipe>>;
