import { presetList } from '@trainyard/spec';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { formatPresets } from '../format/presets.js';

/** Its values are in no list, because they depend on the dataset. */
const small = [
  'small, a recipe of every preset, follows the number of images. It is the default',
  'below 10,000 images; `trainyard submit --dry-run` shows its values.',
];

/** The presets are part of this program, so the command needs no service. */
export function addArchitectures(program: Command, context: Context): void {
  program
    .command('architectures')
    .description('list the presets, as they are for CIFAR-10, and their recipes')
    .action(() => {
      const data = presetList();
      context.show({ data }, () => [...formatPresets(data, context.terminal), '', ...small]);
    });
}
