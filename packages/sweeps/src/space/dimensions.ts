import type { Parameter, Point, SearchSpace } from '@trainyard/contracts';
import { sameJson } from './sameJson.js';

/** A parameter of a space, with its path. */
export interface Dimension {
  path: string;
  parameter: Parameter;
}

/**
 * The parameters of a space, those that a condition names before those that have the condition, otherwise by path. The
 * order does not depend on that of the keys, which Postgres does not keep. Parameters whose conditions form a circle
 * are left out; `checkSweep` refuses them.
 */
export function dimensionsOf(space: SearchSpace): Dimension[] {
  const ordered: Dimension[] = [];
  const placed = new Set<string>();
  let waiting = Object.keys(space).sort();
  for (let before = -1; before !== ordered.length; ) {
    before = ordered.length;
    waiting = waiting.filter((path) => {
      const parameter = space[path];
      if (!parameter || !Object.keys(parameter.when).every((parent) => placed.has(parent))) return true;
      placed.add(path);
      ordered.push({ path, parameter });
      return false;
    });
  }
  return ordered;
}

/** Whether the conditions of a parameter hold at a point, which has the parameters before it. */
export const isActive = ({ parameter }: Dimension, point: Point): boolean =>
  Object.entries(parameter.when).every(
    ([path, values]) => path in point && values.some((value) => sameJson(value, point[path])),
  );

/**
 * A point from one value for each dimension; those whose conditions do not hold are left out.
 * @param choose called only for the dimensions that are varied
 */
export function pointOf(dimensions: readonly Dimension[], choose: (dimension: Dimension, i: number) => unknown): Point {
  const point: Point = {};
  for (const [i, dimension] of dimensions.entries())
    if (isActive(dimension, point)) point[dimension.path] = choose(dimension, i);
  return point;
}
