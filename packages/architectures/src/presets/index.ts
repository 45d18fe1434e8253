import { airbench94, airbenchMini } from './airbench.js';
import { cnn3 } from './cnn3.js';
import { lenet } from './lenet.js';
import type { Preset } from './preset.js';
import { resnet9 } from './resnet9.js';
import { resnetPhoto } from './resnetPhoto.js';
import { vgg6 } from './vgg6.js';

export type { Preset } from './preset.js';

/** The architectures that a spec can name. The package `spec` has the recipes that train them. */
export const presets = {
  lenet,
  cnn3,
  vgg6,
  resnet9,
  airbench94,
  'airbench-mini': airbenchMini,
  'resnet-photo': resnetPhoto,
} satisfies Record<string, Preset>;
export type PresetName = keyof typeof presets;

/** Only own names: `constructor` is no preset. */
export const isPresetName = (name: unknown): name is PresetName =>
  typeof name === 'string' && Object.hasOwn(presets, name);

/** The preset of that name; null where there is none. */
export const presetOf = (name: unknown): Preset | null => (isPresetName(name) ? presets[name] : null);

export const presetNames: readonly PresetName[] = Object.keys(presets).filter(isPresetName);
