import type { Point } from '@trainyard/contracts';
import { type Dimension, isActive } from './dimensions.js';

/**
 * Every point with the given values of each dimension, the last dimension varying fastest. Dimensions whose conditions
 * do not hold add none.
 */
export function* enumerate(
  dimensions: readonly Dimension[],
  valuesOf: (dimension: Dimension) => Iterable<unknown>,
  point: Point = {},
  from = 0,
): Generator<Point> {
  const dimension = dimensions[from];
  if (!dimension) yield point;
  else if (!isActive(dimension, point)) yield* enumerate(dimensions, valuesOf, point, from + 1);
  else
    for (const value of valuesOf(dimension))
      yield* enumerate(dimensions, valuesOf, { ...point, [dimension.path]: value }, from + 1);
}

/** The first so many items. */
export function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count === 0) return taken;
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
}
