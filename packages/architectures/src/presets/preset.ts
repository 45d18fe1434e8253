import type { LayerInput } from '@trainyard/contracts';

export interface Preset {
  description: string;
  /** For ten classes; the units of the last dense layer follow the dataset (see `resolveModel`). */
  layers: LayerInput[];
  /**
   * Sides of the images that the layers are made for, in pixels; `fitPreset` changes them for others. Default: 32, the
   * side of CIFAR-10's.
   */
  sides?: { smallest: number; largest: number };
}
