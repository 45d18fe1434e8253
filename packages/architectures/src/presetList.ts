import type { ArchitectureSummary } from '@trainyard/contracts';
import { summarize } from './describe.js';
import { type Preset, presets } from './presets/index.js';
import { resolveModel } from './resolve.js';

export type PresetSummary = ArchitectureSummary & Pick<Preset, 'description' | 'recipes'>;

/** The presets for CIFAR-10's images (32x32 pixels, three channels, ten classes), each with its layer table and recipes. */
export function presetList(): PresetSummary[] {
  return Object.entries(presets).map(([name, { description, recipes }]) => {
    const { model } = resolveModel(name, [32, 32, 3], 10);
    if (!model) throw new Error(`preset ${name} does not fit 32x32x3`);
    return { ...summarize(model), description, recipes };
  });
}
