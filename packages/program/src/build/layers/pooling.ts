import { inputGradient, type LayerRule, output } from './rule.js';

export const maxPool: LayerRule<'maxPool'> = (network, layer, x) => {
  const window = { size: layer.layer.size, stride: layer.layer.stride };
  const y = output(network, layer, x);
  network.builder.emit({ kind: 'maxPool', in: { x: x.slot }, out: { y: y.slot }, window });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      network.builder.emit({ kind: 'maxPoolGrad', in: { x: x.slot, y: y.slot, dy }, out: { dx }, window });
      return dx;
    },
  };
};

export const avgPool: LayerRule<'avgPool'> = (network, layer, x) => {
  const window = { size: layer.layer.size, stride: layer.layer.stride };
  const y = output(network, layer, x);
  network.builder.emit({ kind: 'avgPool', in: { x: x.slot }, out: { y: y.slot }, window });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      network.builder.emit({ kind: 'avgPoolGrad', in: { dy }, out: { dx }, window });
      return dx;
    },
  };
};

export const globalAvgPool: LayerRule<'globalAvgPool'> = (network, layer, x) => {
  const y = output(network, layer, x);
  network.builder.emit({ kind: 'globalAvgPool', in: { x: x.slot }, out: { y: y.slot } });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      network.builder.emit({ kind: 'globalAvgPoolGrad', in: { dy }, out: { dx } });
      return dx;
    },
  };
};
