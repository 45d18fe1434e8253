import type { LayerRule } from './rule.js';

export const flatten: LayerRule<'flatten'> = (network, layer, x) => {
  const shape = [x.shape[0] as number, ...layer.outputShape];
  const slot = network.builder.view(x.slot, `${layer.name}/y`, shape);
  return {
    y: { slot, shape, needsGradient: x.needsGradient },
    backward: (dy) => network.builder.view(dy, `${layer.name}/dx`, x.shape),
  };
};
