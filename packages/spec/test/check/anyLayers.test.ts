import { expect, it } from 'vitest';
import { assumedDataset, checkLayers, checkSpec, planJob } from '../../src/index.js';

/** A small reproducible generator (mulberry32); good enough to draw layers. */
function generator(seed: number) {
  let state = seed;
  return (choices: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % choices;
  };
}

const fields = [
  'filters',
  'kernel',
  'size',
  'units',
  'stride',
  'padding',
  'groups',
  'reduction',
  'type',
  'layers',
  'branches',
];
const oddities = [undefined, null, -1, 0, 1.5, 'same', 'x', [], [1], [3, 3], {}, 1e9, true];

function anyLayer(draw: (n: number) => number, depth = 0): Record<string, unknown> {
  const size = () => 1 + draw(5);
  const layers: (() => Record<string, unknown>)[] = [
    () => ({
      type: 'conv2d',
      filters: 1 + draw(8),
      kernel: [size(), size()],
      stride: 1 + draw(2),
      padding: draw(2) ? 'same' : draw(3),
      groups: 1 + draw(3),
    }),
    () => ({ type: 'batchNorm' }),
    () => ({ type: 'activation', kind: 'gelu' }),
    () => ({ type: draw(2) ? 'maxPool' : 'avgPool', size: size(), stride: size() }),
    () => ({ type: 'globalAvgPool' }),
    () => ({ type: draw(2) ? 'dropout' : 'spatialDropout' }),
    () => ({ type: 'flatten' }),
    () => ({ type: 'dense', units: 1 + draw(12) }),
    () => ({ type: 'squeezeExcite', reduction: 1 + draw(4), activation: 'tanh' }),
    () => ({
      type: 'concatenate',
      branches: Array.from({ length: 1 + draw(4) }, () =>
        Array.from({ length: draw(3) }, () => anyLayer(draw, depth + 1)),
      ),
    }),
    () => ({ type: 'residual', layers: Array.from({ length: draw(4) }, () => anyLayer(draw, depth + 1)) }),
  ];
  const layer = (layers[draw(layers.length)] as () => Record<string, unknown>)();
  if (draw(12) === 0) layer[fields[draw(fields.length)] as string] = oddities[draw(oddities.length)];
  return layer;
}

it('returns either faults with text and pointers or a model with whole numbers for any list of layers', () => {
  const draw = generator(7);
  let models = 0;
  for (let i = 0; i < 3000; i++) {
    const layers = Array.from({ length: 1 + draw(6) }, () => anyLayer(draw));
    if (draw(2)) layers.push({ type: 'flatten' }, { type: 'dense', units: 10 });
    const { model, faults } = checkLayers(layers, [12, 9, 3], 10);
    expect(model === null).toBe(faults.length > 0);
    for (const { pointer, detail } of faults) {
      expect(pointer).toMatch(/^\/layers/);
      expect(detail).not.toMatch(/NaN|undefined|\?x|Infinity/);
    }
    if (!model) continue;
    models++;
    const { spec } = checkSpec({ architecture: { layers } }, { ...assumedDataset, imageShape: [12, 9, 3] });
    if (!spec) continue;
    const plan = planJob(spec, model, assumedDataset);
    expect([model.parameters, model.flops, plan.trainingFlops].every(Number.isSafeInteger)).toBe(true);
    expect(
      plan.architecture.layers.every((layer) => layer.outputShape.every((size) => Number.isInteger(size) && size > 0)),
    ).toBe(true);
    expect(new Set(model.weights.map(({ name }) => name)).size).toBe(model.weights.length);
  }
  expect(models).toBeGreaterThan(100);
});
