import { inputGradient, type LayerRule, output } from './rule.js';

export const conv2d: LayerRule<'conv2d'> = (network, layer, x) => {
  const { builder } = network;
  const [kernel, bias] = layer.weights;
  if (kernel === undefined) throw new Error(`${layer.name} has no kernel`);
  const { stride, dilation, groups } = layer.layer;
  const convolution = { stride, dilation, padding: layer.padding, groups };
  const w = network.weight(kernel);
  const b = bias ? network.weight(bias) : null;
  const y = output(network, layer, x);
  builder.emit({ kind: 'conv2d', in: { x: x.slot, w, b }, out: { y: y.slot }, convolution, activation: null });
  return {
    y,
    backward(dy) {
      const db = bias?.trainable ? network.gradient(bias) : null;
      if (kernel.trainable) {
        const dw = network.gradient(kernel);
        builder.emit({ kind: 'conv2dGradFilter', in: { x: x.slot, dy }, out: { dw, db }, convolution });
      } else if (db !== null) {
        builder.emit({ kind: 'biasGrad', in: { dy }, out: { db } });
      }
      if (!x.needsGradient) return null;
      const dx = inputGradient(network, layer, x);
      builder.emit({ kind: 'conv2dGradInput', in: { dy, w }, out: { dx }, convolution });
      return dx;
    },
  };
};
