import type { PresetSummary, Recipe } from '@trainyard/spec';
import type { Terminal } from '../terminal.js';
import { counted, formatCount, formatLarge, formatSetting } from './numbers.js';

/** Each preset with its size and, the default first, the recipes that train it. */
export const formatPresets = (presets: readonly PresetSummary[], terminal: Terminal): string[] =>
  presets.flatMap(({ name, description, parameters, flops, layers, recipes }) => [
    `${terminal.paint('bold', name)}  ${layers.length} layers, ${formatCount(parameters)} parameters, ` +
      `${formatLarge(flops)}FLOPs an image`,
    `  ${description}`,
    ...Object.entries(recipes).map(([recipe, settings]) => `  ${recipe}: ${formatSettings(settings)}`),
  ]);

function formatSettings({ batchSize, learningRate, epochs }: Recipe): string {
  return [
    ...(batchSize === undefined ? [] : [`batch ${batchSize}`]),
    ...(learningRate === undefined ? [] : [`learning rate ${formatSetting(learningRate)}`]),
    ...(epochs === undefined ? [] : [counted(epochs, 'epoch')]),
  ].join(', ');
}
