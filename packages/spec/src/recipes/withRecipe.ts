import { isPresetName } from '@trainyard/architectures';
import { datasetChoiceSchema, type Fault, recipeNameSchema } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';
import { recipes } from './index.js';

type Input = Record<string, unknown>;

/**
 * Fills the fields that a spec leaves out from its recipe. A field comes either from the user or from the recipe, never
 * from both in part. A preset without a `recipe` gets its first recipe. Everything that is wrong stays as it is, for
 * the checks to find.
 */
export function withRecipe(input: Input): { input: Input; faults: Fault[] } {
  const { recipe: requested = null, architecture } = input;
  if (!isPresetName(architecture)) {
    const noRecipes = requested !== null && architecture !== undefined && typeof architecture !== 'string';
    return { input, faults: noRecipes ? [onlyForPresets] : [] };
  }
  const available = recipes[architecture];
  const names = recipeNameSchema.options.filter((name) => available[name]);
  const parsed = recipeNameSchema.safeParse(requested ?? Object.keys(available)[0]);
  if (!parsed.success) return { input, faults: [] };
  const recipe = available[parsed.data];
  if (!recipe) return { input, faults: [noSuchRecipe(architecture, parsed.data, names)] };
  const { dataset, ...fields } = recipe;
  const completed: Input = { ...fields, ...input, recipe: parsed.data };
  if (dataset) completed.dataset = withFraction(input.dataset, dataset.validationFraction);
  return { input: completed, faults: [] };
}

/**
 * A choice of a dataset with the validation fraction of the recipe, unless the user sets one, the dataset's own
 * validation images are used, or the choice is faulty.
 */
function withFraction(choice: unknown, validationFraction: number): unknown {
  if (choice === undefined) return { validationFraction, name: 'cifar10' };
  if (typeof choice === 'string') return { validationFraction, name: choice };
  if (!isRecord(choice) || choice.validationSplit === 'provided') return choice;
  return datasetChoiceSchema.safeParse(choice).success ? { validationFraction, ...choice } : choice;
}

const onlyForPresets: Fault = {
  pointer: '/recipe',
  detail: 'only presets have recipes; leave it out, or name a preset as the architecture',
};

function noSuchRecipe(architecture: string, name: string, names: readonly string[]): Fault {
  const available = names.map((n) => JSON.stringify(n)).join(' or ');
  const detail = `${architecture} has no recipe ${JSON.stringify(name)}; use ${available}, or leave it out`;
  return { pointer: '/recipe', detail };
}
