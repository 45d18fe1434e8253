import type { ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import { denseOfFlatten, isFlattenOfMap } from './flatten.js';

/** The lines of Python that a layer takes. */
export interface LayerCode {
  /** Assignments of modules. */
  modules: string[];
  /** Statements that change `x`. */
  forward: string[];
}

type Conv2d = Extract<Layer, { type: 'conv2d' }>;
type Activation = Extract<Layer, { type: 'activation' }>;

const pair = ([first, second]: readonly [number, number]) => `(${first}, ${second})`;
const withoutBias = ({ bias }: { bias: boolean }) => (bias ? [] : ['bias=False']);

/** A module of `torch.nn` under the name of the layer. */
const moduleCode = (name: string, module: string): LayerCode => ({
  modules: [`self.${name} = nn.${module}`],
  forward: [`x = self.${name}(x)`],
});
const statement = (code: string): LayerCode => ({ modules: [], forward: [code] });

/** Where `x` is the input of the layer `layers[at]`: the code after which it is the output. */
export function layerCode(layers: readonly ResolvedLayer[], at: number): LayerCode {
  const resolved = layers[at] as ResolvedLayer;
  const { name, layer, inputShape } = resolved;
  const inputs = inputShape.at(-1) as number;
  switch (layer.type) {
    case 'conv2d':
      return convolution(resolved, layer);
    case 'batchNorm': {
      const kind = inputShape.length === 3 ? 'BatchNorm2d' : 'BatchNorm1d';
      return moduleCode(name, `${kind}(${inputs}, eps=${layer.epsilon}, momentum=${layer.momentum})`);
    }
    case 'activation':
      return moduleCode(name, activation(layer));
    case 'maxPool':
      return moduleCode(name, `MaxPool2d(${pair(layer.size)}, ${pair(layer.stride)})`);
    case 'avgPool':
      return moduleCode(name, `AvgPool2d(${pair(layer.size)}, ${pair(layer.stride)})`);
    case 'globalAvgPool':
      return statement('x = x.mean((2, 3))');
    case 'dropout':
      return moduleCode(name, `Dropout(${layer.rate})`);
    case 'spatialDropout':
      return moduleCode(name, `Dropout2d(${layer.rate})`);
    case 'flatten':
      if (!isFlattenOfMap(resolved)) return { modules: [], forward: [] };
      // Otherwise the layers that follow have their weights in the order height, width, channels.
      return statement(denseOfFlatten(layers, at) ? 'x = x.flatten(1)' : 'x = x.permute(0, 2, 3, 1).flatten(1)');
    case 'dense':
      return moduleCode(name, `Linear(${[inputs, layer.units, ...withoutBias(layer)].join(', ')})`);
    case 'scale':
      return statement(`x = x * ${layer.factor}`);
    case 'squeezeExcite':
      return withInput(resolved, (input, factors) => `${input} * ${factors}[:, :, None, None]`);
    case 'residual':
      return withInput(resolved, (input, y) => `${input} + ${y}`);
    case 'concatenate':
      return withInput(resolved, (_, ...outputs) => `torch.cat((${outputs.join(', ')}), 1)`);
  }
}

function convolution({ name, padding, inputShape }: ResolvedLayer, layer: Conv2d): LayerCode {
  const { top, bottom, left, right } = padding;
  const isEven = top === bottom && left === right;
  const isAboveOne = (sides: readonly number[]) => sides.some((side) => side > 1);
  const settings = [
    `${inputShape.at(-1)}, ${layer.filters}, ${pair(layer.kernel)}`,
    ...(isAboveOne(layer.stride) ? [`stride=${pair(layer.stride)}`] : []),
    ...(isEven && top + left > 0 ? [`padding=${pair([top, left])}`] : []),
    ...(isAboveOne(layer.dilation) ? [`dilation=${pair(layer.dilation)}`] : []),
    ...(layer.groups > 1 ? [`groups=${layer.groups}`] : []),
    ...withoutBias(layer),
  ];
  const code = moduleCode(name, `Conv2d(${settings.join(', ')})`);
  if (isEven) return code;
  const pad = `x = nn.functional.pad(x, (${left}, ${right}, ${top}, ${bottom}))`;
  return { ...code, forward: [pad, ...code.forward] };
}

function activation({ kind, slope }: Activation): string {
  const modules = { relu: 'ReLU()', gelu: 'GELU()', tanh: 'Tanh()', sigmoid: 'Sigmoid()' };
  return kind === 'leakyRelu' ? `LeakyReLU(${slope})` : modules[kind];
}

/** A layer with lists of layers inside; `combined` is its output, from its input and the outputs of the lists. */
function withInput({ name, branches }: ResolvedLayer, combined: (input: string, ...outputs: string[]) => string) {
  const lists = branches.map((layers) => layers.map((_, at) => layerCode(layers, at)));
  const forward = [`${name} = x`];
  const outputs = lists.map((codes, i) => {
    // A list without layers outputs the input; the last output is `x`, as no other list follows.
    if (codes.length === 0) return name;
    if (forward.length > 1) forward.push(`x = ${name}`);
    forward.push(...codes.flatMap((code) => code.forward));
    if (i === lists.length - 1) return 'x';
    forward.push(`${name}_${i} = x`);
    return `${name}_${i}`;
  });
  forward.push(`x = ${combined(name, ...outputs)}`);
  return { modules: lists.flat().flatMap(({ modules }) => modules), forward };
}
