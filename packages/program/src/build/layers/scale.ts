import { inputGradient, type LayerRule, output } from './rule.js';

export const scale: LayerRule<'scale'> = (network, layer, x) => {
  const { factor } = layer.layer;
  const y = output(network, layer, x);
  network.builder.emit({ kind: 'scale', in: { x: x.slot }, out: { y: y.slot }, factor });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      network.builder.emit({ kind: 'scale', in: { x: dy }, out: { y: dx }, factor });
      return dx;
    },
  };
};
