import { type Model, matchesWeight, type Weight } from '@trainyard/architectures';
import { type Optimizer, weightKindSchema } from '@trainyard/contracts';
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

/** Whether a group has a weight: of its kind (kernel, bias, gamma, beta), or named by its pattern. */
export const isInGroup = ({ match }: Pick<Optimizer['groups'][number], 'match'>, weight: string): boolean =>
  matchesWeight(weightKindSchema.safeParse(match).success ? `*/${match}` : match, weight);

/** The group of a weight: the first of the optimizer that has it, and the epochs in which it trains. */
export function parameterGroup({ name, epochs }: Weight, optimizer: Optimizer): ParameterGroup {
  const group = optimizer.groups.find((each) => isInGroup(each, name));
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
