import { freezeWeights, type Model, matchesWeight, partlyFrozenNorms } from '@trainyard/architectures';
import { type Fault, weightKindSchema } from '@trainyard/contracts';
import type { Fields } from './checkFields.js';

const list = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');

/** Rules that concern the names of a model's weights: what is frozen, and which groups the optimizer has. */
export function* weightRules({ freeze = [], optimizer }: Partial<Fields>, model: Model): Generator<Fault> {
  const names = model.weights.map(({ name }) => name);
  const layers = [...new Set(names.map((name) => name.split('/')[0] as string))];
  const unknown = (pattern: string, pointer: string): Fault[] =>
    names.some((name) => matchesWeight(pattern, name))
      ? []
      : [
          {
            pointer,
            detail: `${pattern} names no weight of the network, whose layers with weights are ${list(layers)}`,
          },
        ];
  for (const [i, pattern] of freeze.entries()) yield* unknown(pattern.replace(/^!/, ''), `/freeze/${i}`);
  for (const [i, { match }] of (optimizer?.groups ?? []).entries())
    if (!weightKindSchema.safeParse(match).success) yield* unknown(match, `/optimizer/groups/${i}/match`);
  const frozen = freezeWeights(model, freeze);
  if (frozen.parameters === 0) yield { pointer: '/freeze', detail: 'leaves no weight to train; leave out the head' };
  for (const layer of partlyFrozenNorms(frozen))
    yield {
      pointer: '/freeze',
      detail: `freezes statistics of ${layer} and not the rest of it; freeze all of it, or no statistics`,
    };
}
