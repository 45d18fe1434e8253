import { type PresetName, presetNames, presets, resolveModel, summarize } from '@trainyard/architectures';
import type { ArchitectureSummary } from '@trainyard/contracts';
import { type Recipes, recipes } from './recipes/index.js';

export type PresetSummary = ArchitectureSummary & { description: string; recipes: Recipes };

/** The presets for the images of CIFAR-10 (32x32x3, ten classes), each with its layer table and its recipes. */
export const presetList = (): PresetSummary[] => presetNames.map(describePreset);

function describePreset(name: PresetName): PresetSummary {
  const { model } = resolveModel(name, [32, 32, 3], 10);
  if (!model) throw new Error(`preset ${name} does not fit 32x32x3`);
  return { ...summarize(model), description: presets[name].description, recipes: recipes[name] };
}
