import { datasetChoiceSchema, type Fault, type RecipeName, recipeNameSchema } from '@trainyard/contracts';
import { type Preset, presetOf } from './presets/index.js';

type Input = Record<string, unknown>;

/** The names of a preset's recipes; the first is the default. */
export const recipeNames = (preset: Preset): RecipeName[] => Object.keys(preset.recipes) as RecipeName[];

/**
 * A spec as a user sent it, with the fields of its recipe where it leaves them out: a field is the user's as a whole or the
 * recipe's as a whole. A preset without a `recipe` gets its first. Anything that is wrong is left as it is, for checks to find.
 */
export function withRecipe(input: Input): { input: Input; faults: Fault[] } {
  const { recipe: wanted = null, architecture } = input;
  const preset = presetOf(architecture);
  if (!preset) return { input, faults: wanted === null ? [] : unavailable(architecture) };
  const names = recipeNames(preset);
  const name = wanted ?? names[0];
  const recipe = preset.recipes[name as RecipeName];
  if (!recipe) return { input, faults: isRecipe(name) ? [noSuchRecipe(architecture as string, name, names)] : [] };
  const { dataset, ...fields } = recipe;
  return {
    input: { ...fields, ...input, recipe: name, ...(dataset && { dataset: withShare(input.dataset, dataset) }) },
    faults: [],
  };
}

const isRecipe = (name: unknown): name is RecipeName => recipeNameSchema.safeParse(name).success;

function withShare(choice: unknown, share: { validationFraction: number }): unknown {
  if (choice === undefined) return { ...share, name: 'cifar10' };
  if (typeof choice === 'string') return { ...share, name: choice };
  return datasetChoiceSchema.safeParse(choice).success ? { ...share, ...(choice as Input) } : choice;
}

function unavailable(architecture: unknown): Fault[] {
  if (typeof architecture === 'string' || architecture === undefined) return [];
  return [
    { pointer: '/recipe', detail: 'only presets have recipes; leave it out, or name a preset as the architecture' },
  ];
}

const noSuchRecipe = (architecture: string, name: string, names: readonly string[]): Fault => ({
  pointer: '/recipe',
  detail: `${architecture} has no recipe ${JSON.stringify(name)}; use ${names.map((n) => JSON.stringify(n)).join(' or ')}, or leave it out`,
});
