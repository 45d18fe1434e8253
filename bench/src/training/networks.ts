import { type Architecture, type LayerInput, layerListSchema } from '@trainyard/contracts';

const relu: LayerInput = { type: 'activation' };
const norm: LayerInput = { type: 'batchNorm' };
const convolution = (filters: number, kernel = 3): LayerInput => ({
  type: 'conv2d',
  filters,
  kernel,
  padding: 'same',
  bias: false,
});
const repeated = (count: number, layers: LayerInput[]): LayerInput[] =>
  Array.from({ length: count }, () => layers).flat();

/** Three blocks of four layers, each of which adds 12 channels (Huang et al. 2017). */
const densenet: LayerInput[] = [
  convolution(24),
  ...[48, 60].flatMap((filters): LayerInput[] => [
    ...denseBlock(),
    norm,
    relu,
    convolution(filters, 1),
    { type: 'avgPool', size: 2 },
  ]),
  ...denseBlock(),
  norm,
  relu,
  { type: 'globalAvgPool' },
  { type: 'dense', units: 10 },
];

function denseBlock(): LayerInput[] {
  return repeated(4, [{ type: 'concatenate', branches: [[], [norm, relu, convolution(12)]] }]);
}

/** Three stages of two residuals, each with factors of channels (Hu et al. 2018). */
const senet: LayerInput[] = [
  ...[32, 64, 128].flatMap((filters, i): LayerInput[] => [
    convolution(filters),
    norm,
    relu,
    ...(i > 0 ? [{ type: 'maxPool' } as const] : []),
    ...repeated(2, [
      {
        type: 'residual',
        layers: [convolution(filters), norm, relu, convolution(filters), norm, { type: 'squeezeExcite', reduction: 8 }],
      },
      relu,
    ]),
  ]),
  { type: 'globalAvgPool' },
  { type: 'dense', units: 10 },
];

const networks: Record<string, LayerInput[]> = { densenet, senet };

/** The layers of a network that no preset has, else the preset of this name. bench/torch/peer.py has the same. */
export function architectureOf(model: string): Architecture {
  const layers = networks[model];
  return layers ? { layers: layerListSchema.parse(layers) } : model;
}
