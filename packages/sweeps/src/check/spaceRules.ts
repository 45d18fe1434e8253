import { type Fault, maxParameters, maxTrials, nearestName, type SearchSpace, toPointer } from '@trainyard/contracts';
import { dimensionsOf } from '../space/dimensions.js';
import { enumerate, take } from '../space/enumerate.js';
import { sameJson } from '../space/sameJson.js';
import { gridValues, valueCount } from '../space/values.js';

const at = (...path: string[]): string => toPointer('/space', path);

/** Faults of a space by itself; empty: a sampler can work with it. */
export function* spaceRules(space: SearchSpace, isGrid: boolean): Generator<Fault> {
  const count = Object.keys(space).length;
  if (count === 0) yield { pointer: '/space', detail: 'is empty; vary at least one field, like learningRate' };
  if (count > maxParameters)
    yield { pointer: '/space', detail: `has ${count} parameters; at most ${maxParameters} can be varied together` };
  yield* rangeRules(space);
  yield* conditionRules(space);
  if (isGrid) yield* gridRules(space);
  else
    for (const [path, parameter] of Object.entries(space))
      if (parameter.type !== 'choice' && parameter.steps !== null)
        yield { pointer: at(path, 'steps'), detail: 'is for the sampler grid alone; leave it out, or use a choice' };
}

function* rangeRules(space: SearchSpace): Generator<Fault> {
  for (const [path, parameter] of Object.entries(space)) {
    if (parameter.type === 'choice') {
      const repeated = parameter.values.findIndex((value, i, all) => all.findIndex((v) => sameJson(v, value)) < i);
      if (repeated >= 0)
        yield { pointer: at(path, 'values', String(repeated)), detail: 'is listed before; list it once' };
      continue;
    }
    const { type, min, max } = parameter;
    const least = type === 'logInt' ? 'at least 1' : 'above 0';
    if (type === 'logUniform' || type === 'logInt') {
      if (min <= 0) yield { pointer: at(path, 'min'), detail: `has no logarithm (is ${min}); it must be ${least}` };
    }
    if (min >= max) {
      const detail = `must be greater than min, which is ${min} (is ${max}); a field with one value belongs into spec`;
      yield { pointer: at(path, 'max'), detail };
    }
  }
}

function* conditionRules(space: SearchSpace): Generator<Fault> {
  for (const [path, { when }] of Object.entries(space))
    for (const [parent, values] of Object.entries(when)) {
      const pointer = at(path, 'when', parent);
      const other = Object.hasOwn(space, parent) ? space[parent] : undefined;
      const nearest = nearestName(parent, Object.keys(space));
      const hint = nearest ? `; did you mean ${JSON.stringify(nearest)}?` : '';
      if (!other) yield { pointer, detail: `the space does not vary ${parent}${hint}` };
      else if (other.type !== 'choice')
        yield { pointer, detail: `a condition needs a choice, but ${parent} is a range` };
      else
        for (const [i, value] of values.entries())
          if (!other.values.some((each) => sameJson(each, value)))
            yield {
              pointer: `${pointer}/${i}`,
              detail: `${parent} is never ${JSON.stringify(value)}; its values are ${JSON.stringify(other.values)}`,
            };
    }
  const placed = new Set(dimensionsOf(space).map(({ path }) => path));
  for (const [path, { when }] of Object.entries(space))
    if (!placed.has(path) && Object.keys(when).every((parent) => Object.hasOwn(space, parent)))
      yield { pointer: at(path, 'when'), detail: 'the conditions form a circle, so that none of them can hold' };
}

function* gridRules(space: SearchSpace): Generator<Fault> {
  const entries = Object.entries(space);
  const endless = entries.filter(([, p]) => p.type !== 'choice' && p.steps === null && valueCount(p) === Infinity);
  for (const [path] of endless)
    yield { pointer: at(path, 'steps'), detail: 'a grid needs the number of values that it takes of a range' };
  if (endless.length > 0) return;
  const most = entries.reduce((product, [, p]) => product * gridCount(p), 1);
  if (most <= maxTrials) return;
  // Conditions leave out points, so the product of the counts is only a bound.
  const dimensions = dimensionsOf(space);
  if (
    take(
      enumerate(dimensions, ({ parameter }) => gridValues(parameter)),
      maxTrials + 1,
    ).length <= maxTrials
  )
    return;
  const limit = maxTrials.toLocaleString('en-US');
  const detail = `the grid has ${most.toLocaleString('en-US')} points, and a sweep at most ${limit} trials`;
  yield { pointer: '/space', detail: `${detail}; list fewer values, or use the sampler tpe or random` };
}

const gridCount = (parameter: SearchSpace[string]): number =>
  parameter.type === 'choice' ? parameter.values.length : (parameter.steps ?? valueCount(parameter));
