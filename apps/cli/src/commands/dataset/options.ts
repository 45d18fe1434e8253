import type { ImportOptions } from '@trainyard/contracts';
import type { Command } from 'commander';
import { defined } from '../../defined.js';
import { parseWholeNumber } from '../../parsers.js';

/** The options of an import as Commander parses them. */
export interface ImportFlags {
  name?: string;
  size?: string;
  fit?: ImportOptions['fit'];
  background?: string;
  channels?: number;
  classes?: string;
  split?: string;
  splitSeed?: number;
  skipBad?: boolean | string;
  labels?: string;
}

/** The options that `dataset import` and `dataset upload` share. What they mean is checked where they are used. */
export function addImportOptions(command: Command): Command {
  return command
    .option('--name <name>', 'its name; default: as the source suggests')
    .option('--size <pixels>', 'bring all images to this size, 64 or WIDTHxHEIGHT; cuts the edges, but see --fit')
    .option('--fit <how>', 'with --size: cover (cut what sticks out), contain (add background) or stretch')
    .option('--background <colour>', 'behind transparent pixels and for --fit contain: white, black or #rrggbb')
    .option('--channels <number>', '1 for gray, 3 for colour', parseWholeNumber)
    .option('--classes <names>', 'keep these classes only, in this order: cat,dog')
    .option('--split <shares>', 'draw the splits by seed: 0.8/0.2 (train/test) or 70%/10%/20% (with validation)')
    .option('--split-seed <number>', 'seed of drawn splits', parseWholeNumber)
    .option('--skip-bad [limit]', 'leave out files that cannot be used: at most so many, or a share like 5%')
    .option('--labels <file>', 'the CSV file in the source that has the labels');
}

export function importOptionsOf({ classes, skipBad, channels, ...flags }: ImportFlags): ImportOptions {
  const limit = typeof skipBad === 'string' && /^\d+$/.test(skipBad) ? Number(skipBad) : skipBad;
  return defined({
    ...flags,
    channels: channels as ImportOptions['channels'],
    classes: classes?.split(',').map((name) => name.trim()),
    skipBad: limit,
  });
}
