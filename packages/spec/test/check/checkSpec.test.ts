import type { LayerInput } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { assumedDataset, checkLayers, checkSpec } from '../../src/index.js';

const faultsOf = (input: unknown) =>
  Object.fromEntries(checkSpec(input, assumedDataset).faults.map(({ pointer, detail }) => [pointer, detail]));

const shrunk: LayerInput[] = [
  { type: 'conv2d', filters: 8, kernel: 3 },
  { type: 'maxPool', size: 8 },
  { type: 'activation' },
  { type: 'conv2d', filters: 8, kernel: 5 },
  { type: 'flatten' },
  { type: 'dense', units: 10 },
];

const toClasses = [{ type: 'flatten' }, { type: 'dense', units: 10 }];

describe('a faulty spec', () => {
  it('has all its faults reported at once: those of fields, of layers and of shapes', () => {
    const layers = [
      ...shrunk.slice(0, 4),
      { type: 'dropout', rate: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 84 },
    ];
    expect(faultsOf({ architecture: { layers }, learningRate: -0.1, lr: 0.1, batchSize: 40_001, epochs: 1.5 })).toEqual(
      {
        '/architecture/layers/3': 'a 5x5 kernel does not fit a 3x3 map; use padding: same or remove a pool',
        '/architecture/layers/4/rate': 'must be less than 1 (is 2)',
        '/architecture/layers/6':
          'the last layer must output 10 values, one per class, but outputs 84 values; ' +
          'end with {"type": "dense", "units": 10}',
        '/learningRate': 'must be greater than 0 (is -0.1)',
        '/lr': 'unrecognized key "lr"; did you mean "learningRate"?',
        '/batchSize':
          '40001 is larger than the 40000 training images (10000 of 50000 are used for validation); ' +
          'use at most 40000',
        '/epochs': 'must be a whole number (is 1.5)',
      },
    );
  });

  it('with an unknown preset is answered with a list of the presets', () => {
    expect(faultsOf({ architecture: 'resnet' })).toEqual({
      '/architecture':
        'unknown preset "resnet"; the presets are lenet, cnn3, vgg6, resnet9, airbench94, airbench-mini, ' +
        'resnet-photo, or use {"layers": [...]}',
    });
  });

  it.each(['constructor', '__proto__', 'toString'])('cannot name %s as its preset', (name) => {
    expect(faultsOf({ architecture: name })['/architecture']).toContain('unknown preset');
  });

  it.each([null, 5, 'lenet', []])('that is %j is answered with an example of a spec', (input) => {
    expect(faultsOf(input)).toEqual({ '': 'must be an object like {"architecture": "lenet"}' });
  });

  it('without an architecture has a fault there', () => {
    expect(faultsOf({})['/architecture']).toMatch(/^is required: a preset \(lenet/);
  });

  it.each([
    [{ optimizer: { type: 'sgd', nesterov: true } }, '/optimizer/nesterov', 'nesterov needs momentum'],
    [{ optimizer: 'adamm' }, '/optimizer', 'must be one of "sgd", "adam", "adamw" (is "adamm")'],
    [{ optimizer: { type: 'adam', momentum: 0.9 } }, '/optimizer/momentum', 'unrecognized key "momentum"'],
    [{ schedule: { type: 'cosine', warmupEpochs: 31 } }, '/schedule/warmupEpochs', 'does not end within the 30 epochs'],
    [{ augmentation: { colorJitter: { hue: 0.7 } } }, '/augmentation/colorJitter/hue', 'at most 0.5'],
    [
      { loss: { classWeights: { dogg: 2 } } },
      '/loss/classWeights/dogg',
      'cifar10 has no class "dogg"; did you mean "dog"',
    ],
    [
      { architecture: { layers: [{ type: 'conv2d', filters: 4, stride: 2, dilation: 2 }, ...toClasses] } },
      '/architecture/layers/0/dilation',
      'needs a stride of 1',
    ],
    [
      { architecture: { layers: [{ type: 'conv2d', filters: 4, dilation: 16 }, ...toClasses] } },
      '/architecture/layers/0',
      'a 3x3 kernel with dilation 16x16 does not fit a 32x32 map',
    ],
    [{ augmentation: { cutout: 33 } }, '/augmentation/cutout', 'does not fit a 32x32 image'],
    [{ normalization: { mean: [0.5], std: [1, 1, 1] } }, '/normalization/mean', 'must have 3 numbers'],
    [{ batchSize: 1, dataset: { name: 'cifar10', limit: 3 } }, '/dataset/validationFraction', 'less than one image'],
    [{ dataset: { name: 'cifar10', limit: 20 } }, '/batchSize', 'larger than the 16 training images'],
    [
      { optimizer: { type: 'sgd', groups: [{ match: 'bias' }, { match: 'beta' }, { match: 'bias' }] } },
      '/optimizer/groups/2/match',
      'one group per kind',
    ],
    [{ recipe: 'fast' }, '/recipe', 'must be one of "article", "tuned", "small", "auto" (is'],
    [
      { architecture: 'airbench94', recipe: 'article' },
      '/recipe',
      'has no recipe "article"; use "tuned" or "small", or',
    ],
    [{ architecture: 'airbench94', dataset: { name: 'cifar10', limit: 500 } }, '/batchSize', '1024 is larger than the'],
    [{ 'a/b~c': 1 }, '/a~1b~0c', 'unrecognized key "a/b~c"'],
  ])('with %j has a fault at %s', (fields, pointer, detail) => {
    const faults = faultsOf({ architecture: 'lenet', ...fields });
    expect(Object.keys(faults)).toEqual([pointer]);
    expect(faults[pointer]).toContain(detail);
  });

  it('has a fault when a batch, or the last of an epoch, leaves a flat batch norm without a variance', () => {
    const architecture = { layers: [{ type: 'flatten' }, { type: 'batchNorm' }, { type: 'dense', units: 10 }] };
    expect(faultsOf({ architecture, batchSize: 1 })['/batchSize']).toContain('which has no variance');
    expect(faultsOf({ architecture, batchSize: 39_999 })['/batchSize']).toContain('in a batch of 1');
    expect(faultsOf({ architecture, batchSize: 20 })).toEqual({});
  });

  it('that names a missing dataset is answered with how to import it', () => {
    const { faults } = checkSpec({ architecture: 'lenet', dataset: 'birds' }, () => null);
    expect(faults).toEqual([{ pointer: '/dataset', detail: expect.stringContaining('there is no dataset "birds"') }]);
  });

  it('that names a dataset without test images has a fault at the dataset', () => {
    const { faults } = checkSpec({ architecture: 'lenet' }, { ...assumedDataset, testImages: 0 });
    expect(faults).toEqual([{ pointer: '/dataset', detail: expect.stringContaining('has no test images') }]);
  });

  it('that shifts images of a single row for the test has a fault at testAugmentation', () => {
    const architecture = { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] };
    const input = { architecture, testAugmentation: 'mirrorTranslate' };
    const { faults } = checkSpec(input, { ...assumedDataset, imageShape: [1, 8, 3] });
    expect(faults).toEqual([
      { pointer: '/testAugmentation', detail: expect.stringContaining('a 8x1 image cannot be') },
    ]);
  });

  it('that changes the colours of gray images has a fault at each change', () => {
    const input = {
      architecture: 'lenet',
      augmentation: { colorJitter: { contrast: 0.5, saturation: 0.5, hue: 0.1 } },
    };
    const pointersFor = (channels: number) =>
      checkSpec(input, { ...assumedDataset, imageShape: [32, 32, channels] }).faults.map(({ pointer }) => pointer);
    const jitter = '/augmentation/colorJitter';
    expect([1, 3, 4].map(pointersFor)).toEqual([[`${jitter}/saturation`, `${jitter}/hue`], [], [jitter]]);
  });

  it('whose batch needs more memory than allowed is answered with the largest that does not', () => {
    const faults = faultsOf({ architecture: 'vgg6', batchSize: 40_000 });
    const largest = Number(/use at most (\d+)/.exec(faults['/batchSize'] ?? '')?.[1]);
    expect(faultsOf({ architecture: 'vgg6', batchSize: largest })).toEqual({});
    expect(faultsOf({ architecture: 'vgg6', batchSize: largest + 1 })).not.toEqual({});
  });
});

describe('a faulty layer list', () => {
  const at = (layers: unknown) => checkLayers(layers, [32, 32, 3], 10).faults.map(({ pointer }) => pointer);
  const detail = (layers: unknown) => checkLayers(layers, [32, 32, 3], 10).faults[0]?.detail;

  it('has pointers from its own root', () => {
    expect(at(shrunk)).toEqual(['/layers/3']);
  });

  it('needs a flatten before a dense', () => {
    expect(detail([{ type: 'dense', units: 10 }])).toContain('put a flatten or globalAvgPool before it');
  });

  it('cannot convolve what was flattened', () => {
    const layers = [{ type: 'flatten' }, { type: 'conv2d', filters: 8 }, { type: 'dense', units: 10 }];
    expect(at(layers)).toEqual(['/layers/1']);
  });

  it.each([
    [
      [
        { filters: 4, initializer: 'default' },
        { filters: 24, kernel: 2 },
      ],
      '/layers/1/initializer',
      'only the first layer',
    ],
    [[{ filters: 8, kernel: 9 }], '/layers/0/kernel', 'at most 192 values'],
    [[{ filters: 23, kernel: 2 }], '/layers/0/filters', 'an even number of at most 24'],
    [[{ filters: 26, kernel: 2 }], '/layers/0/filters', 'an even number of at most 24'],
  ])('cannot whiten with %j', (start, pointer, text) => {
    const whitening = { type: 'conv2d', initializer: 'whitening' };
    const layers = [...start.map((layer) => ({ ...whitening, ...layer })), { type: 'flatten' }];
    expect(at([...layers, { type: 'dense', units: 10 }])).toEqual([pointer]);
    expect(detail([...layers, { type: 'dense', units: 10 }])).toContain(text);
  });

  it('has no false faults behind a layer that cannot be read', () => {
    const layers = [{ type: 'convolve' }, { type: 'conv2d', filters: 4, kernel: 33 }, { type: 'dense', units: 10 }];
    expect(at(layers)).toEqual(['/layers/0/type', '/layers/2']);
  });

  it('is still checked behind a layer whose number of filters is wrong', () => {
    const layers = [{ ...shrunk[0], filters: 0 }, ...shrunk.slice(1)];
    expect(at(layers)).toEqual(['/layers/0/filters', '/layers/3']);
  });

  it.each([[[]], [{}], [null], [Array(129).fill({ type: 'activation' })]])(
    'must be a list of 1 to 128 layers',
    (layers) => {
      expect(at(layers)).toEqual(['/layers']);
    },
  );

  it('without anything to train is refused', () => {
    expect(checkLayers([{ type: 'globalAvgPool' }], [32, 32, 10 as 3], 10).faults[0]?.detail).toContain(
      'nothing to train',
    );
  });

  it('with more weights than allowed names the largest layer', () => {
    const layers = [
      { type: 'flatten' },
      { type: 'dense', units: 65_536 },
      { type: 'dense', units: 65_536 },
      { type: 'dense', units: 10 },
    ];
    expect(detail(layers)).toContain('make layers/2 smaller');
  });
});

describe('a key that other tools use', () => {
  it.each([
    [{ lr: 1 }, '/lr', 'learningRate'],
    [{ batch: 1 }, '/batch', 'batchSize'],
    [{ scheduler: 'cosine' }, '/scheduler', 'schedule'],
    [{ architecture: { layers: [{ type: 'conv2d', filters: 1, kernel_size: 3 }] } }, null, 'kernel'],
    [{ architecture: { layers: [{ type: 'maxPool', kernel: 3 }] } }, null, 'size'],
  ])('in %j is answered with ours', (fields, pointer, meant) => {
    const faults = Object.entries(faultsOf({ architecture: 'lenet', ...fields }));
    const found = faults.find(([, detail]) => detail.endsWith(`did you mean "${meant}"?`));
    expect(found?.[0]).toMatch(pointer ?? /^\/architecture\/layers\/0\//);
  });
});
