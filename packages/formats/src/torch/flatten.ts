import type { ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';

/** Layers that treat every value alike: the order of the values does not matter to them. */
const elementwise: ReadonlySet<Layer['type']> = new Set(['activation', 'dropout', 'scale', 'flatten']);

/**
 * The dense layer that takes the values of the map which `layers[at]` flattens; null where there is none, or layers in
 * between depend on the order of the values.
 */
export function denseOfFlatten(layers: readonly ResolvedLayer[], at: number): ResolvedLayer | null {
  const next = layers.slice(at).find(({ layer }) => !elementwise.has(layer.type));
  return next?.layer.type === 'dense' ? next : null;
}

export const isFlattenOfMap = ({ layer, inputShape }: ResolvedLayer): boolean =>
  layer.type === 'flatten' && inputShape.length === 3;

/** The shapes `[height, width, channels]` of the maps whose values dense layers take, by the names of these. */
export function flattenedMaps(layers: readonly ResolvedLayer[]): Map<string, number[]> {
  const maps = new Map<string, number[]>();
  layers.forEach((layer, at) => {
    for (const branch of layer.branches) for (const [name, map] of flattenedMaps(branch)) maps.set(name, map);
    const dense = isFlattenOfMap(layer) ? denseOfFlatten(layers, at) : null;
    if (dense) maps.set(dense.name, layer.inputShape);
  });
  return maps;
}
