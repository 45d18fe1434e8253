import { type Fault, maxBranches, maxLayersInAll } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';

/** What a squeezeExcite is computed by: a mean, two dense layers, two activations and a product. */
const layersOfSqueezeExcite = 6;

/** Not more than a concatenate may have: one with more is refused for that. */
const branchesOf = ({ branches }: Record<string, unknown>): unknown[] =>
  Array.isArray(branches) ? branches.slice(0, maxBranches) : [];

/**
 * The fault of a list that has too many layers with those inside others, before any of them is read: a small body can
 * list tens of thousands. Counts no list further than the limit.
 */
export function tooManyLayers(input: unknown, pointer: string): Fault | null {
  const lists = [input];
  let count = 0;
  while (lists.length > 0 && count <= maxLayersInAll) {
    const list = lists.pop();
    for (const item of Array.isArray(list) ? list : []) {
      if (!isRecord(item)) continue;
      count += item.type === 'squeezeExcite' ? layersOfSqueezeExcite : 1;
      lists.push(item.layers, ...branchesOf(item));
    }
  }
  if (count <= maxLayersInAll) return null;
  return {
    pointer,
    detail:
      `has more than the ${maxLayersInAll} layers allowed, with those inside others (a squeezeExcite counts as ` +
      `${layersOfSqueezeExcite}); use fewer`,
  };
}
