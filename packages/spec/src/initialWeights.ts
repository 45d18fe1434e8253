import { headWeights, type Model } from '@trainyard/architectures';
import type { Fault } from '@trainyard/contracts';

/** A weight as its name and shape. */
export interface NamedShape {
  name: string;
  shape: readonly number[];
}

export interface WeightsToFit {
  weights: readonly NamedShape[];
  /** What a fault calls where they are from, e.g. `the checkpoint`. */
  named: string;
  /** Whether the head starts from the seed; null: where it does not fit. */
  newHead: boolean | null;
  /** Each weight of the model as `weights` should have it; absent: under the same name, in the same shape. */
  expected?: readonly (NamedShape & { weight: string })[];
}

/** `faults` has every weight that does not fit, if any. */
export interface FittedWeights {
  /** Names of the weights that start from the seed, in the model's order. */
  fromSeed: string[];
  newHead: boolean;
  faults: Fault[];
}

const pointer = '/initialWeights';

/** Which weights of a model start from others, by name; shapes must be equal. */
export function fitWeights(model: Model, { weights, named, ...wanted }: WeightsToFit): FittedWeights {
  const expected = wanted.expected ?? model.weights.map(({ name, shape }) => ({ weight: name, name, shape }));
  const found = new Map(weights.map(({ name, shape }) => [name, shape]));
  const head = headWeights(model);
  const misfits = ({ name, shape }: NamedShape) => text(found.get(name) ?? []) !== text(shape);
  const newHead = wanted.newHead ?? expected.filter(({ weight }) => head.includes(weight)).some(misfits);
  const fromSeed = newHead ? head : [];
  const faults: Fault[] = [];
  for (const { weight, name, shape } of expected) {
    const given = found.get(name);
    found.delete(name);
    if (fromSeed.includes(weight)) continue;
    if (given === undefined) faults.push(fault(`${named} lacks ${name}, which the network has as ${text(shape)}`));
    else if (text(given) !== text(shape))
      faults.push(fault(`${name} is ${text(given)} in ${named}, and ${text(shape)} in the network`));
  }
  for (const [name, shape] of found)
    faults.push(fault(`${named} has ${name} ${text(shape)}, which the network does not have`));
  return { fromSeed, newHead, faults };
}

const fault = (detail: string): Fault => ({ pointer, detail });
const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
