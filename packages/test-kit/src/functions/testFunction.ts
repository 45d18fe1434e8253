import { type Point, type SearchSpace, searchSpaceSchema } from '@trainyard/contracts';

/** A function with a known minimum, by which samplers are compared. */
export interface TestFunction {
  name: string;
  space: SearchSpace;
  loss(point: Point): number;
  minimum: number;
}

/** A space as a user would write it. */
export const spaceOf = (space: Record<string, unknown>): SearchSpace => searchSpaceSchema.parse(space);

export const number = (point: Point, path: string): number => Number(point[path]);

/** So many parameters `x0`, `x1`, … with one range. */
export const cube = (dimensions: number, min: number, max: number): SearchSpace =>
  spaceOf(Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`x${i}`, { type: 'uniform', min, max }])));

export const coordinates = (point: Point): number[] => Object.keys(point).map((_, i) => number(point, `x${i}`));
