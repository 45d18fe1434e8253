import type { ArchitectureSummary, Layer, LayerSummary } from '@trainyard/contracts';
import type { Model, ResolvedLayer } from './model.js';
import { formatShape } from './resolve/messages.js';
import { elementCount } from './resolve/shapes.js';
import { squeezedUnits } from './resolve/squeezeExcite.js';

/**
 * The layer table. The row of a layer with layers inside comes before theirs, and has neither parameters nor FLOPs of

 * its own.
 */
export function summarize(model: Model): ArchitectureSummary {
  return {
    name: model.name,
    inputShape: [...model.inputShape],
    classes: model.classes,
    layers: model.layers.flatMap(rows),
    parameters: model.parameters,
    flops: model.flops,
  };
}

const rows = (resolved: ResolvedLayer): LayerSummary[] => [
  {
    pointer: resolved.pointer,
    name: resolved.name,
    type: resolved.layer.type,
    detail: [describeLayer(resolved.layer, resolved.inputShape), ...(isFrozen(resolved) ? ['frozen'] : [])].join(', '),
    inputShape: [...resolved.inputShape],
    outputShape: [...resolved.outputShape],
    parameters: resolved.weights.reduce((sum, { trainable, shape }) => sum + (trainable ? elementCount(shape) : 0), 0),
    flops: resolved.flops,
  },
  ...resolved.branches.flat().flatMap(rows),
];

const isFrozen = ({ weights }: ResolvedLayer): boolean =>
  weights.length > 0 && weights.every(({ epochs }) => epochs === 0);

/** The settings of a layer in one line, e.g. `6 filters 5x5, stride 1, padding 0`. */
function describeLayer(layer: Layer, inputShape: number[]): string {
  switch (layer.type) {
    case 'conv2d': {
      const padding = layer.padding === 'valid' ? 0 : layer.padding;
      const parts = [
        `${layer.filters} filters ${layer.kernel.join('x')}`,
        `stride ${side(layer.stride)}`,
        `padding ${padding}`,
      ];
      if (layer.dilation.some((distance) => distance > 1)) parts.push(`dilation ${side(layer.dilation)}`);
      if (layer.groups > 1) parts.push(layer.groups === inputShape.at(-1) ? 'depthwise' : `${layer.groups} groups`);
      return [...parts, ...(layer.bias ? [] : ['no bias']), ...describeTraining(layer)].join(', ');
    }
    case 'batchNorm':
      return `momentum ${layer.momentum}, epsilon ${layer.epsilon}${layer.scale ? '' : ', no scale'}`;
    case 'activation':
      return layer.kind === 'leakyRelu' ? `leakyRelu, slope ${layer.slope}` : layer.kind;
    case 'maxPool':
    case 'avgPool':
      return `${layer.size.join('x')}, stride ${side(layer.stride)}`;
    case 'globalAvgPool':
      return `mean of each channel's ${formatShape(inputShape.slice(0, 2))} map`;
    case 'dropout':
      return `rate ${layer.rate}`;
    case 'spatialDropout':
      return `rate ${layer.rate}, whole channels`;
    case 'flatten':
      return '';
    case 'dense':
      return `${layer.units} units${layer.bias ? '' : ', no bias'}`;
    case 'scale':
      return `times ${Number(layer.factor.toPrecision(4))}`;
    case 'squeezeExcite': {
      const channels = inputShape.at(-1) as number;
      return `multiplies each of ${channels} channels by a factor, from ${squeezedUnits(layer, channels)} units`;
    }
    case 'concatenate':
      return `joins the outputs of its ${layer.branches.length} branches`;
    case 'residual':
      return `adds its input to the output of its ${layer.layers.length} layers`;
  }
}

/** The settings of a convolution's initial values and training that differ from the defaults. */
function describeTraining(layer: Extract<Layer, { type: 'conv2d' }>): string[] {
  const epochs = (part: string, count: number | null) => {
    if (count === null) return [];
    return [count === 0 ? `frozen ${part}` : `${part} trained for ${count} ${count === 1 ? 'epoch' : 'epochs'}`];
  };
  return [
    ...(layer.initializer === 'default' ? [] : [`${layer.initializer} start`]),
    ...epochs('kernel', layer.kernelEpochs),
    ...(layer.bias ? epochs('bias', layer.biasEpochs) : []),
  ];
}

const side = ([height, width]: [number, number]): string => (height === width ? String(height) : `${height}x${width}`);
