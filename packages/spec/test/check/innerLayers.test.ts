import { describe, expect, it } from 'vitest';
import { checkLayers } from '../../src/index.js';

const faultsOf = (layers: unknown) => checkLayers(layers, [32, 32, 3], 10).faults;
const at = (layers: unknown) => faultsOf(layers).map(({ pointer }) => pointer);
const detail = (layers: unknown) => faultsOf(layers)[0]?.detail;
const end = [{ type: 'flatten' }, { type: 'dense', units: 10 }];

describe('a list of layers with others inside', () => {
  it('has faults inside residuals and the branches of concatenates', () => {
    const layers = [
      {
        type: 'residual',
        layers: [
          { type: 'conv2d', kernel: 1 },
          { type: 'residual', layers: [{ type: 'activate' }] },
        ],
      },
      { type: 'concatenate', branches: [[], [{ type: 'residual', layers: [] }], [{ type: 'conv2d', kernel: 1 }], {}] },
      { type: 'concatenate', branches: [[]], axis: 1 },
    ];
    expect(at([...layers, ...end])).toEqual([
      '/layers/0/layers/0/filters',
      '/layers/0/layers/1/layers/0/type',
      '/layers/1/branches/1/0/layers',
      '/layers/1/branches/2/0/filters',
      '/layers/1/branches/3',
      '/layers/2/axis',
      '/layers/2/branches',
    ]);
  });

  it('is one with nine branches', () => {
    expect(detail([{ type: 'concatenate', branches: Array(9).fill([]) }, ...end])).toBe(
      'must be 2 to 8 lists of layers, of which an empty one is the input itself (has 9)',
    );
  });

  it('is one with five layers around another', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { type: 'activation' } : { type: 'concatenate', branches: [[], [nested(depth - 1)]] };
    expect(at([nested(4), ...end])).toEqual([]);
    expect(at([nested(5), ...end])).toEqual([`/layers/0${'/branches/1/0'.repeat(4)}/type`]);
  });

  it('has one fault where there are too many layers, with those inside others', () => {
    const residuals = (inner: object) =>
      Array.from({ length: 90 }, () => ({ type: 'residual', layers: Array(11).fill(inner) }));
    expect(at([...residuals({ type: 'activation' }).slice(0, 85), ...end])).toEqual([]);
    expect(at([...residuals({ type: 'activation', slope: -1 }), ...end])).toEqual(['/layers']);
    expect(detail([...residuals({ type: 'squeezeExcite', reduction: 1 }).slice(0, 16), ...end])).toContain(
      'more than the 1024 layers allowed',
    );
    const branches = Array(8).fill(Array(16).fill({ type: 'activation', slope: -1 }));
    expect(at([...Array(8).fill({ type: 'concatenate', branches }), ...end])).toEqual(['/layers']);
  });

  it.each([
    [1000, `/layers/0${'/layers/0'.repeat(4)}/type`],
    [5000, '/layers'],
  ])('of residuals in residuals, %i deep, is refused without recursion', (depth, pointer) => {
    const deep = JSON.parse(`${'{"type":"residual","layers":['.repeat(depth)}${']}'.repeat(depth)}`) as unknown;
    expect(at([deep, ...end])).toEqual([pointer]);
  });
});
