import type { Model, ResolvedLayer } from './model.js';
import { flattenLayers } from './resolve/resolve.js';

const hasKernel = ({ weights }: ResolvedLayer): boolean => weights.some(({ name }) => name.endsWith('/kernel'));

/** The weights of the last layer with a kernel, which gives each class its logit. */
export const headWeights = ({ layers }: Pick<Model, 'layers'>): string[] =>
  flattenLayers(layers)
    .findLast(hasKernel)
    ?.weights.map(({ name }) => name) ?? [];
