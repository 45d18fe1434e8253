import type { LayerResult, Network, Value } from '../network.js';
import { inputGradient, type LayerRule, output, type Resolved } from './rule.js';

/** Srivastava et al. 2014, inverted: no op at inference. */
export const dropout: LayerRule<'dropout'> = (network, layer, x) => dropping('dropout', network, layer, x);

/** Whole channels at once (Tompson et al. 2015). */
export const spatialDropout: LayerRule<'spatialDropout'> = (network, layer, x) =>
  dropping('spatialDropout', network, layer, x);

function dropping(
  kind: 'dropout' | 'spatialDropout',
  network: Network,
  layer: Resolved<'dropout' | 'spatialDropout'>,
  x: Value,
): LayerResult {
  if (network.mode === 'inference') return { y: x, backward: (dy) => dy };
  const { rate } = layer.layer;
  const random = { seed: network.seed, stream: network.nextDropoutStream() };
  const step = network.step();
  const y = output(network, layer, x);
  network.builder.emit({ kind, in: { x: x.slot, step }, out: { y: y.slot }, rate, random });
  return {
    y,
    backward(dy) {
      const dx = inputGradient(network, layer, x);
      // The same draws select the same elements: an element that was dropped passes no gradient.
      network.builder.emit({ kind, in: { x: dy, step }, out: { y: dx }, rate, random });
      return dx;
    },
  };
}
