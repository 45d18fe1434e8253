import { inputGradient, type LayerRule, output } from './rule.js';

export const activation: LayerRule<'activation'> = (network, layer, x) => {
  const settings = { kind: layer.layer.kind, slope: layer.layer.slope };
  const y = output(network, layer, x);
  network.builder.emit({ kind: 'activation', in: { x: x.slot }, out: { y: y.slot }, activation: settings });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      // The derivative of all but gelu follows from the output, so that the input need not be kept in memory.
      const saved = settings.kind === 'gelu' ? x.slot : y.slot;
      network.builder.emit({ kind: 'activationGrad', in: { saved, dy }, out: { dx }, activation: settings });
      return dx;
    },
  };
};
