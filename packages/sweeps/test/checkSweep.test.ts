import type { Dataset } from '@trainyard/contracts';
import { assumedDataset } from '@trainyard/spec';
import { describe, expect, it } from 'vitest';
import { checkSweep } from '../src/index.js';

const sets: Record<string, Dataset> = { cifar10: { ...assumedDataset, version: 3 } };
const check = (sweep: unknown) => checkSweep(sweep, ({ name }) => sets[name] ?? null);
const rates = { learningRate: { type: 'logUniform', min: 1e-4, max: 1 } };
const spec = { architecture: 'lenet', epochs: 9 };
/** Faults as `pointer detail`. */
const faultsOf = (sweep: unknown) => check(sweep).faults.map(({ pointer, detail }) => `${pointer} ${detail}`);

describe('the check of a sweep', () => {
  it('completes one without faults: seed, direction, stopper, the version of the dataset', () => {
    const { sweep, faults } = check({ spec, space: rates });
    expect(faults).toEqual([]);
    expect(sweep?.stopper).toMatchObject({ type: 'asha', reductionFactor: 3 });
    expect(sweep?.objectives).toEqual([{ metric: 'validationAccuracy', class: null, direction: 'maximize' }]);
    expect(sweep?.spec).toEqual({ ...spec, seed: sweep?.seed, dataset: { name: 'cifar10', version: 3 } });
    expect(check({ spec, space: rates, objectives: [{ metric: 'parameters' }] }).sweep?.stopper.type).toBe('none');
  });

  it('refuses an empty space', () => {
    expect(faultsOf({ spec, space: {} })).toEqual(['/space is empty; vary at least one field, like learningRate']);
  });

  it('refuses a path that is no field, and suggests the one that was meant', () => {
    const [fault, ...others] = faultsOf({ spec, space: { learnRate: rates.learningRate } });
    expect(fault).toBe('/space/learnRate unrecognized key "learnRate"; did you mean "learningRate"?');
    expect(others).toEqual([]);
  });

  it('refuses ranges without a logarithm, upside down or for a grid without steps', () => {
    const space = {
      learningRate: { type: 'logUniform', min: 0, max: 1 },
      batchSize: { type: 'int', min: 64, max: 16 },
    };
    expect(faultsOf({ spec, space })).toEqual([
      '/space/learningRate/min has no logarithm (is 0); it must be above 0',
      '/space/batchSize/max must be greater than min, which is 64 (is 16); a field with one value belongs into spec',
    ]);
    expect(faultsOf({ spec, space: rates, sampler: 'grid' })).toEqual([
      '/space/learningRate/steps a grid needs the number of values that it takes of a range',
    ]);
  });

  it('refuses a grid of a million points', () => {
    const hundred = (path: string) => [path, { type: 'uniform', min: 0.1, max: 0.5, steps: 100 }];
    const space = Object.fromEntries(['learningRate', 'optimizer.momentum', 'loss.labelSmoothing'].map(hundred));
    expect(faultsOf({ spec, space, sampler: 'grid' })).toEqual([
      '/space the grid has 1,000,000 points, and a sweep at most 10,000 trials; list fewer values, or use the ' +
        'sampler tpe or random',
    ]);
  });

  it('refuses a space with points that are no spec, and names one of them', () => {
    const space = { batchSize: { type: 'choice', values: [20, 50_000] }, ...rates };
    const [fault, ...others] = faultsOf({ spec, space });
    expect(fault).toMatch(
      /^\/space\/batchSize 50000 is larger than the 40000 training images .*\(in \d+ of \d+ points/,
    );
    expect(fault).toContain('one of them batchSize 50000, learningRate 0.0001');
    expect(others).toEqual([]);
  });

  it('refuses objectives that no trial has', () => {
    const objectives = [{ metric: 'recall', class: 'cats' }];
    expect(faultsOf({ spec, space: rates, objectives, stopper: 'none' })).toEqual([
      '/objectives/0/class no trial has it: cifar10 has no class "cats"; did you mean "cat"?',
    ]);
    expect(faultsOf({ spec, space: rates, objectives: [{ metric: 'recall', class: 'cat' }], stopper: 'asha' })).toEqual(
      [expect.stringMatching(/^\/stopper asha compares trials after each epoch, but recall is known at their end/)],
    );
    expect(faultsOf({ spec, space: rates, objectives: [{ metric: 'f1' }] })[0]).toMatch(/^\/objectives\/0\/metric /);
  });

  it('refuses conditions that cannot hold', () => {
    const choice = (values: unknown[], when: object) => ({ type: 'choice', values, when });
    const space = {
      'optimizer.type': choice(['sgd', 'adam'], {}),
      'optimizer.momentum': { type: 'uniform', min: 0, max: 0.9, when: { 'optimizer.type': ['sdg'] } },
      epochs: choice([1, 2], { seed: [1] }),
      seed: choice([1, 2], { epochs: [1] }),
      batchSize: choice([1, 2], { nothing: [1] }),
    };
    expect(faultsOf({ spec, space }).map((fault) => fault.split(' ')[0])).toEqual([
      '/space/optimizer.momentum/when/optimizer.type/0',
      '/space/batchSize/when/nothing',
      '/space/epochs/when',
      '/space/seed/when',
    ]);
  });

  it('lists the faults of spec, space, objectives and stopper at once', () => {
    const sweep = {
      spec: { ...spec, batchSise: 20, dataset: 'cats' },
      space: { learningRate: { type: 'logUniform', min: -1, max: 1 }, epochs: { type: 'int', min: 1, max: 5 } },
      objectives: [{ metric: 'recall' }],
      stopper: 'asha',
      budget: { trials: 0 },
      workers: 4,
    };
    const pointers = check(sweep).faults.map(({ pointer }) => pointer);
    expect(new Set(pointers)).toEqual(
      new Set([
        '/spec/batchSise',
        '/spec/dataset',
        '/space/learningRate/min',
        '/space/epochs',
        '/objectives/0/class',
        '/stopper',
        '/budget/trials',
        '/workers',
      ]),
    );
  });

  it('lets momentum vary with sgd alone, in the recipe of the preset', () => {
    const space = {
      'optimizer.type': { type: 'choice', values: ['sgd', 'adam'] },
      'optimizer.momentum': { type: 'uniform', min: 0.5, max: 0.99, when: { 'optimizer.type': ['sgd'] } },
    };
    const { specs, faults } = check({ spec: { ...spec, recipe: 'tuned', architecture: 'cnn3' }, space });
    expect(faults).toEqual([]);
    expect(new Set(specs.map(({ optimizer }) => optimizer.type))).toEqual(new Set(['sgd', 'adam']));
  });
});
