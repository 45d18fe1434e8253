import type { LayerInput } from '@trainyard/contracts';

export interface Preset {
  description: string;
  /** For ten classes; the units of the last dense layer follow the dataset (see `resolveModel`). */
  layers: LayerInput[];
}
