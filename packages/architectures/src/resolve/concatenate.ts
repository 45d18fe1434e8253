import { type Shape, sameShape } from './shapes.js';

const channelsOf = (shape: Shape): number => shape.at(-1) as number;

/** Whether the two have the same height and width, or are both flat. */
export const canBeJoined = (a: Shape, b: Shape): boolean => sameShape(a.slice(0, -1), b.slice(0, -1));

/**
 * The output of a concatenate whose branches output `shapes`; null: not known. As high and wide as the first that is
 * known, with the channels of all.
 */
export function joinedShape(shapes: readonly (Shape | null)[]): Shape | null {
  const first = shapes.find((shape) => shape !== null);
  if (!first) return null;
  const channels = shapes.reduce((sum, shape) => sum + (shape ? channelsOf(shape) : Number.NaN), 0);
  return [...first.slice(0, -1), channels];
}
