import type { Parameter, RangeParameter } from '@trainyard/contracts';
import { sameJson } from './sameJson.js';

/**
 * A range as the unit interval: samplers work in [0, 1], on the scale of the parameter. Each whole number has a cell of
 * its own, from 1/2 below to 1/2 above.
 */
export interface Scale {
  low: number;
  high: number;
  log: boolean;
  whole: boolean;
}

export function scaleOf({ type, min, max }: RangeParameter): Scale {
  const log = type === 'logUniform' || type === 'logInt';
  const whole = type === 'int' || type === 'logInt';
  const half = whole ? 0.5 : 0;
  const place = (value: number) => (log ? Math.log(value) : value);
  return { low: place(min - half), high: place(max + half), log, whole };
}

/** Where a value lies in [0, 1]. */
export const toUnit = ({ low, high, log }: Scale, value: number): number =>
  ((log ? Math.log(value) : value) - low) / (high - low);

/** Digits of a value that is not a whole number: enough for every field, and short to read. */
const digits = 6;

/** The value at a place of [0, 1]: within the range, whole where the parameter is. */
export function fromUnit(parameter: RangeParameter, unit: number): number {
  const { low, high, log, whole } = scaleOf(parameter);
  const placed = low + unit * (high - low);
  const value = log ? Math.exp(placed) : placed;
  const rounded = whole ? Math.round(value) : Number(value.toPrecision(digits));
  return Math.min(parameter.max, Math.max(parameter.min, rounded));
}

/** The value of any parameter at a place of [0, 1). */
export function valueAtUnit(parameter: Parameter, unit: number): unknown {
  if (parameter.type !== 'choice') return fromUnit(parameter, unit);
  const { values } = parameter;
  return values[Math.min(values.length - 1, Math.floor(unit * values.length))];
}

/** Which of the values of a choice one is; -1: none. */
export const choiceIndex = (values: readonly unknown[], value: unknown): number =>
  values.findIndex((each) => sameJson(each, value));

/** How many values a parameter has; infinity for a range of real numbers. */
export function valueCount(parameter: Parameter): number {
  if (parameter.type === 'choice') return parameter.values.length;
  return scaleOf(parameter).whole ? parameter.max - parameter.min + 1 : Number.POSITIVE_INFINITY;
}

/** Every value of a parameter that has so many, one after the other: there may be too many for a list. */
export function* allValues(parameter: Parameter): Generator<unknown> {
  if (parameter.type === 'choice') yield* parameter.values;
  else for (let value = parameter.min; value <= parameter.max; value++) yield value;
}

/** The values that a grid takes of a parameter; for a range of real numbers without `steps`, only its ends. */
export function gridValues(parameter: Parameter): Iterable<unknown> {
  if (parameter.type === 'choice') return parameter.values;
  const { steps, min, max } = parameter;
  if (steps === null) return Number.isFinite(valueCount(parameter)) ? allValues(parameter) : [min, max];
  const exact = { ...scaleOf({ ...parameter, type: exactTypes[parameter.type] }), whole: scaleOf(parameter).whole };
  const values = Array.from({ length: steps }, (_, i) => spaced(exact, i / (steps - 1)));
  return [...new Set(values.map((value) => Math.min(max, Math.max(min, value))))];
}

/** The type of range whose ends are min and max, without the cells of whole numbers. */
const exactTypes = { int: 'uniform', uniform: 'uniform', logInt: 'logUniform', logUniform: 'logUniform' } as const;

function spaced({ low, high, log, whole }: Scale, unit: number): number {
  const placed = low + unit * (high - low);
  const value = log ? Math.exp(placed) : placed;
  return whole ? Math.round(value) : Number(value.toPrecision(digits));
}
