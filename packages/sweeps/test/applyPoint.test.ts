import { describe, expect, it } from 'vitest';
import { applyPoint } from '../src/index.js';

describe('the spec of a trial', () => {
  it('has the values of the point in the places of their paths', () => {
    const base = { architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] }, epochs: 3 };
    const point = { 'architecture.layers.1.units': 20, epochs: 5 };
    expect(applyPoint(base, point, null)).toEqual({
      architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 20 }] },
      epochs: 5,
    });
    expect(base.epochs).toBe(3);
  });

  it('keeps what the text of a shorthand says', () => {
    expect(
      applyPoint({ optimizer: 'sgd', dataset: 'pets' }, { 'optimizer.momentum': 0.5, 'dataset.limit': 9 }, null),
    ).toEqual({
      optimizer: { type: 'sgd', momentum: 0.5 },
      dataset: { name: 'pets', limit: 9 },
    });
    expect(applyPoint({}, { optimizer: 'sgd', 'optimizer.momentum': 0.5 }, null)).toEqual({
      optimizer: { type: 'sgd', momentum: 0.5 },
    });
  });

  it('starts from the complete spec where the base spec says nothing, but not for another type', () => {
    const complete = { optimizer: { type: 'sgd', momentum: 0.9, nesterov: true } };
    expect(applyPoint({}, { 'optimizer.weightDecay': 0.1 }, complete)).toEqual({
      optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 },
    });
    expect(applyPoint({}, { 'optimizer.type': 'adam', 'optimizer.beta1': 0.8 }, complete)).toEqual({
      optimizer: { type: 'adam', beta1: 0.8 },
    });
  });

  it('sets no field of every object', () => {
    const spec = applyPoint({}, { 'optimizer.__proto__.polluted': 1, 'constructor.polluted': 1 }, null);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((Object as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.keys(spec)).toEqual(['constructor', 'optimizer']);
  });
});
