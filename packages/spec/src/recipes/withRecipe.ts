import { isPresetName, type PresetName } from '@trainyard/architectures';
import { type Dataset, datasetChoiceSchema, type Fault, recipeNameSchema, storedImages } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';
import { recipes } from './index.js';
import type { Recipe } from './recipe.js';
import { smallRecipe, smallSet } from './small.js';

type Input = Record<string, unknown>;

/**
 * Fills the fields that a spec leaves out from its recipe. A field comes either from the user or from the recipe; only
 * of `dataset` and `checkpoint` may each set a part. A preset whose spec names no recipe, or `auto`, gets `small` on a
 * small dataset and otherwise its first recipe. Everything that is wrong stays as it is, for the checks to find.
 */
export function withRecipe(sent: Input, dataset: Dataset): { input: Input; faults: Fault[] } {
  const input = sent.recipe === 'auto' ? { ...sent, recipe: null } : sent;
  const { recipe: requested = null, architecture } = input;
  if (!isPresetName(architecture)) {
    const noRecipes = requested !== null && architecture !== undefined && typeof architecture !== 'string';
    return { input: withCheckpoint(input, byAccuracy), faults: noRecipes ? [onlyForPresets] : [] };
  }
  const parsed = recipeNameSchema.safeParse(requested ?? automatic(architecture, dataset));
  if (!parsed.success) return { input, faults: [] };
  const recipe = recipeOf(architecture, parsed.data, input, dataset);
  if (!recipe) return { input, faults: [noSuchRecipe(architecture, parsed.data)] };
  const { dataset: split, checkpoint = parsed.data === 'article' ? {} : byAccuracy, ...fields } = recipe;
  const completed: Input = withCheckpoint({ ...fields, ...input, recipe: parsed.data }, checkpoint);
  if (split) completed.dataset = withSplit(input.dataset, split);
  return { input: completed, faults: [] };
}

/** Of an epoch with a lower loss fewer images may be right, above all on small sets: see docs/recipes.md. */
const byAccuracy = { metric: 'validationAccuracy' };

/** The settings of checkpoints that the user leaves out; null and other faults stay, for the checks to find. */
function withCheckpoint(input: Input, defaults: object): Input {
  const { checkpoint = {} } = input;
  return isRecord(checkpoint) ? { ...input, checkpoint: { ...defaults, ...checkpoint } } : input;
}

/** Whether the spec leaves the choice of its recipe to `withRecipe`. */
export const choosesRecipe = ({ recipe = null }: Input): boolean => recipe === null || recipe === 'auto';

const automatic = (preset: PresetName, dataset: Dataset): string | undefined =>
  storedImages(dataset, 'train') < smallSet ? 'small' : Object.keys(recipes[preset])[0];

function recipeOf(preset: PresetName, name: string, input: Input, dataset: Dataset): Recipe | undefined {
  if (name === 'small') return smallRecipe(preset, input, dataset);
  return name === 'article' || name === 'tuned' ? recipes[preset][name] : undefined;
}

/**
 * A choice of a dataset with the validation split of the recipe, unless the user sets one, the dataset's own validation
 * images are used, or the choice is faulty.
 */
function withSplit(choice: unknown, split: NonNullable<Recipe['dataset']>): unknown {
  if (choice === undefined) return { ...split, name: 'cifar10' };
  if (typeof choice === 'string') return { ...split, name: choice };
  if (!isRecord(choice) || choice.validationSplit === 'provided') return choice;
  return datasetChoiceSchema.safeParse(choice).success ? { ...split, ...choice } : choice;
}

const onlyForPresets: Fault = {
  pointer: '/recipe',
  detail: 'only presets have recipes; leave it out, or name a preset as the architecture',
};

function noSuchRecipe(preset: PresetName, name: string): Fault {
  const available = [...Object.keys(recipes[preset]), 'small'].map((n) => JSON.stringify(n)).join(' or ');
  const detail = `${preset} has no recipe ${JSON.stringify(name)}; use ${available}, or leave it out`;
  return { pointer: '/recipe', detail };
}
