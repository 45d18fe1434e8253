import { inputGradient, type LayerRule, output } from './rule.js';

export const dense: LayerRule<'dense'> = (network, layer, x) => {
  const { builder } = network;
  const [kernel, bias] = layer.weights;
  if (kernel === undefined) throw new Error(`${layer.name} has no kernel`);
  const w = network.weight(kernel);
  const b = bias ? network.weight(bias) : null;
  const y = output(network, layer, x);
  builder.emit({ kind: 'dense', in: { x: x.slot, w, b }, out: { y: y.slot }, activation: null });
  return {
    y,
    backward(dy) {
      const db = bias?.trainable ? network.gradient(bias) : null;
      if (kernel.trainable) {
        const dw = network.gradient(kernel);
        builder.emit({ kind: 'denseGradFilter', in: { x: x.slot, dy }, out: { dw, db } });
      } else if (db !== null) {
        builder.emit({ kind: 'biasGrad', in: { dy }, out: { db } });
      }
      if (!x.needsGradient) return null;
      const dx = inputGradient(network, layer, x);
      builder.emit({ kind: 'denseGradInput', in: { dy, w }, out: { dx } });
      return dx;
    },
  };
};
