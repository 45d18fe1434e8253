import { describe, expect, it } from 'vitest';
import { checkLayers } from '../../src/index.js';

const faultsOf = (layers: unknown) => checkLayers(layers, [32, 32, 3], 10).faults;
const at = (layers: unknown) => faultsOf(layers).map(({ pointer }) => pointer);
const detail = (layers: unknown) => faultsOf(layers)[0]?.detail;
const end = [{ type: 'flatten' }, { type: 'dense', units: 10 }];

describe('a list of layers with others inside', () => {
  it('has one fault where there are too many layers, with those inside others', () => {
    const residuals = (inner: object) =>
      Array.from({ length: 90 }, () => ({ type: 'residual', layers: Array(11).fill(inner) }));
    expect(at([...residuals({ type: 'activation' }).slice(0, 85), ...end])).toEqual([]);
    expect(at([...residuals({ type: 'activation', slope: -1 }), ...end])).toEqual(['/layers']);
    expect(detail([...residuals({ type: 'squeezeExcite', reduction: 1 }).slice(0, 16), ...end])).toContain(
      'more than the 1024 layers allowed',
    );
  });

  it.each([
    [1000, '/layers/0/layers/0/type'],
    [5000, '/layers'],
  ])('of residuals in residuals, %i deep, is refused without recursion', (depth, pointer) => {
    const deep = JSON.parse(`${'{"type":"residual","layers":['.repeat(depth)}${']}'.repeat(depth)}`) as unknown;
    expect(at([deep, ...end])).toEqual([pointer]);
  });
});
