import { airbench94, airbenchMini } from './airbench.js';
import { cnn3 } from './cnn3.js';
import { lenet } from './lenet.js';
import type { Preset } from './preset.js';
import { resnet9 } from './resnet9.js';
import { vgg6 } from './vgg6.js';

export type { Preset, Recipe } from './preset.js';

/** Architectures that a spec can name, each with the recipes that train it. */
export const presets: Record<string, Preset> = {
  lenet,
  cnn3,
  vgg6,
  resnet9,
  airbench94,
  'airbench-mini': airbenchMini,
};

export const presetNames: readonly string[] = Object.keys(presets);

/** The preset of that name; null where there is none. */
export const presetOf = (name: unknown): Preset | null =>
  typeof name === 'string' && Object.hasOwn(presets, name) ? (presets[name] as Preset) : null;
