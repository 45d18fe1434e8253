import { activationLayerSchema, type Layer } from '@trainyard/contracts';

type SqueezeExcite = Extract<Layer, { type: 'squeezeExcite' }>;

/** Units between the two dense layers; below 1 where the reduction is too large. */
export const squeezedUnits = ({ reduction }: SqueezeExcite, channels: number): number =>
  Math.floor(channels / reduction);

/** The layers that compute the factor of each channel from the input of a squeezeExcite. */
export const gateLayers = (layer: SqueezeExcite, channels: number): Layer[] => [
  { type: 'globalAvgPool' },
  { type: 'dense', units: squeezedUnits(layer, channels), bias: true },
  activationLayerSchema.parse({ type: 'activation', kind: layer.activation }),
  { type: 'dense', units: channels, bias: true },
  activationLayerSchema.parse({ type: 'activation', kind: 'sigmoid' }),
];
