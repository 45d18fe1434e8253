import type { Model, ResolvedLayer, Weight } from './model.js';
import { flattenLayers } from './resolve/resolve.js';
import { elementCount } from './resolve/shapes.js';
import { selectsWeight } from './weightPatterns.js';

/**
 * A model some of whose weights keep the values that they start with, as `freeze` of a spec says: they have no update,
 * no optimiser state and no average. Batch norm whose running statistics are among them normalises by these in the
 * training too.
 * @param patterns the last one that names a weight decides; with `!` before it the weight is not frozen
 */
export function freezeWeights(model: Model, patterns: readonly string[]): Model {
  if (patterns.length === 0) return model;
  const weights = new Map(model.weights.map((weight) => [weight.name, frozen(weight, patterns)]));
  const withWeights = (layer: ResolvedLayer): ResolvedLayer => ({
    ...layer,
    weights: layer.weights.map((weight) => weights.get(weight.name) ?? weight),
    branches: layer.branches.map((branch) => branch.map(withWeights)),
  });
  const all = [...weights.values()];
  const parameters = all.reduce((sum, { trainable, shape }) => sum + (trainable ? elementCount(shape) : 0), 0);
  return { ...model, layers: model.layers.map(withWeights), weights: all, parameters };
}

const frozen = (weight: Weight, patterns: readonly string[]): Weight =>
  selectsWeight(patterns, weight.name) ? { ...weight, trainable: false, epochs: 0 } : weight;

/**
 * Names of the batch norm layers of a frozen model that would normalise by fixed statistics, but train or average the
 * rest: either all of such a layer is frozen, or its statistics are not.
 */
export const partlyFrozenNorms = ({ layers }: Pick<Model, 'layers'>): string[] =>
  flattenLayers(layers)
    .filter(({ layer, weights }) => {
      const fixed = weights.filter(({ epochs }) => epochs === 0);
      const hasStatistics = fixed.some(({ name }) => /\/moving_(mean|variance)$/.test(name));
      return layer.type === 'batchNorm' && hasStatistics && fixed.length < weights.length;
    })
    .map(({ name }) => name);
