import type { Parameter, Point } from '@trainyard/contracts';
import { haltonPoint } from '../samplers/halton.js';
import { type Dimension, pointOf } from '../space/dimensions.js';
import { enumerate, take } from '../space/enumerate.js';
import { jsonKey } from '../space/sameJson.js';
import { allValues, gridValues, valueCount } from '../space/values.js';

/** A check of a spec takes a fraction of a millisecond: a sweep is answered within a second. */
const most = 1000;
/** Of a range of whole numbers, this many are checked one by one. */
const mostNumbers = 200;

/**
 * The points of a space whose specs are checked before a sweep starts: all, where there are at most 1,000. Otherwise
 * every choice, both ends of each range and whole numbers in between, one parameter at a time; then combinations of
 * ends and choices, all of them or an even selection. Each trial is checked once more when it is submitted.
 */
export function checkedPoints(dimensions: readonly Dimension[], isGrid: boolean): Point[] {
  const valuesOf = ({ parameter }: Dimension) => (isGrid ? gridValues(parameter) : allOf(parameter));
  const all = take(enumerate(dimensions, valuesOf), most + 1);
  const isWhole = isGrid || dimensions.every(({ parameter }) => valueCount(parameter) < Number.POSITIVE_INFINITY);
  if (isWhole && all.length <= most) return all;
  const corners = take(
    enumerate(dimensions, ({ parameter }) => ends(parameter)),
    most + 1,
  );
  const combined = corners.length <= most ? corners : evenly(dimensions);
  const points = [...dimensions.flatMap((dimension) => oneByOne(dimensions, dimension)), ...combined];
  const distinct = new Map(points.map((point) => [jsonKey(point), point]));
  return [...distinct.values()];
}

const allOf = (parameter: Parameter): Iterable<unknown> =>
  Number.isFinite(valueCount(parameter)) ? allValues(parameter) : ends(parameter);

const ends = (parameter: Parameter): unknown[] =>
  parameter.type === 'choice' ? parameter.values : [parameter.min, parameter.max];

/** Points in which one parameter takes its values, and those that its conditions name make it varied. */
function oneByOne(dimensions: readonly Dimension[], varied: Dimension): Point[] {
  const wanted = new Map<string, unknown>();
  const require = ({ parameter }: Dimension) => {
    for (const [path, [value]] of Object.entries(parameter.when)) {
      wanted.set(path, value);
      const parent = dimensions.find((dimension) => dimension.path === path);
      if (parent) require(parent);
    }
  };
  require(varied);
  const values = valueCount(varied.parameter) <= mostNumbers ? [...allOf(varied.parameter)] : ends(varied.parameter);
  return values.map((value) =>
    pointOf(dimensions, (dimension) => {
      if (dimension === varied) return value;
      return wanted.has(dimension.path) ? wanted.get(dimension.path) : ends(dimension.parameter)[0];
    }),
  );
}

function evenly(dimensions: readonly Dimension[]): Point[] {
  return Array.from({ length: most / 2 }, (_, i) => {
    const units = haltonPoint(dimensions.length, i, 0);
    return pointOf(dimensions, ({ parameter }, j) => {
      const values = ends(parameter);
      return values[Math.floor((units[j] as number) * values.length)];
    });
  });
}
