import type { Model, Weight } from '@trainyard/architectures';
import type { Optimizer } from '@trainyard/contracts';
import { slotNames } from '../slots.js';

/** Weights that are updated with the same rate and decay. */
export interface ParameterGroup {
  /** The feed slot of the group's rate: learning rate times factor; 0 after its last epoch. */
  rateSlot: string;
  learningRateFactor: number;
  weightDecay: number;
  /** Epochs in which its weights train; null: all. */
  epochs: number | null;
}

/** The group of a weight, by its kind (kernel, bias, gamma, beta) and by the epochs in which it trains. */
export function parameterGroup({ name, epochs }: Weight, optimizer: Optimizer): ParameterGroup {
  const group = optimizer.groups.find(({ match }) => match === name.split('/').at(-1));
  const parts = [group?.match, epochs === null ? undefined : `${epochs}-epochs`].filter((part) => part !== undefined);
  return {
    rateSlot: parts.length === 0 ? slotNames.learningRate : slotNames.groupRate(parts.join('/')),
    learningRateFactor: group?.learningRateFactor ?? 1,
    weightDecay: group?.weightDecay ?? optimizer.weightDecay,
    epochs,
  };
}

/** Every group whose rate a train program of the model is fed; that of the plain learning rate first. */
export function parameterGroups(model: Model, optimizer: Optimizer): ParameterGroup[] {
  const { weightDecay } = optimizer;
  const plain = { rateSlot: slotNames.learningRate, learningRateFactor: 1, weightDecay, epochs: null };
  const groups = new Map<string, ParameterGroup>([[plain.rateSlot, plain]]);
  for (const weight of model.weights.filter(({ trainable }) => trainable)) {
    const group = parameterGroup(weight, optimizer);
    groups.set(group.rateSlot, group);
  }
  return [...groups.values()];
}
