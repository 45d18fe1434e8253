import { type MapShape, type Model, resolveModel } from '@trainyard/architectures';
import { type LayerInput, layerListSchema } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { modelingCode, type NamedTensor, stateDict } from '../../src/index.js';
import { provenanceOf, someWeights } from '../models.js';

function customModel(inputShape: MapShape, classes: number, layers: LayerInput[]): Model {
  const { model, faults } = resolveModel({ layers: layerListSchema.parse(layers) }, inputShape, classes);
  if (!model) throw new Error(JSON.stringify(faults));
  return model;
}

const named = (tensors: NamedTensor[], name: string) => {
  const tensor = tensors.find((one) => one.name === name);
  if (!tensor) throw new Error(`no tensor ${name}`);
  return tensor;
};

/** Whether PyTorch computes the same is for a Python with PyTorch; here is what a change of the files would break. */
describe('a model for PyTorch', () => {
  const layers: LayerInput[] = [
    { type: 'conv2d', filters: 4, kernel: [3, 2], padding: 'same', stride: [2, 1], bias: false, groups: 2 },
    { type: 'batchNorm', scale: false },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 1 }, { type: 'spatialDropout' }] },
    { type: 'activation', kind: 'leakyRelu', slope: 0.2 },
    { type: 'flatten' },
    { type: 'activation', kind: 'gelu' },
    { type: 'dropout' },
    { type: 'dense', units: 2 },
    { type: 'scale', factor: 0.5 },
  ];
  const model = customModel([4, 3, 2], 2, layers);

  it('has the kernels of convolutions with filters and channels first', () => {
    const weights = someWeights(model);
    const [from, to] = [named(weights, 'conv2d_1/kernel'), named(stateDict(model, weights), 'conv2d_1.weight')];
    expect([from.shape, to.shape]).toEqual([
      [3, 2, 1, 4],
      [4, 1, 3, 2],
    ]);
    for (const [height, width, filter] of [0, 1, 2].flatMap((h) => [0, 1].flatMap((w) => [0, 3].map((f) => [h, w, f]))))
      expect(to.data[((filter as number) * 3 + (height as number)) * 2 + (width as number)]).toBe(
        from.data[((height as number) * 2 + (width as number)) * 4 + (filter as number)],
      );
  });

  it('has the columns of the dense layer after a flatten in the order channels, height, width', () => {
    const weights = someWeights(model);
    const [from, to] = [named(weights, 'dense_1/kernel'), named(stateDict(model, weights), 'dense_1.weight')];
    expect([from.shape, to.shape]).toEqual([
      [24, 2],
      [2, 24],
    ]);
    // Channel 3 at height 1 and width 2 of the map [2, 3, 4], and the second unit.
    expect(to.data[24 + (3 * 2 + 1) * 3 + 2]).toBe(from.data[((1 * 3 + 2) * 4 + 3) * 2 + 1]);
  });

  it('leaves the order of values where a layer between flatten and dense depends on it', () => {
    const other = customModel([2, 3, 2], 2, [{ type: 'flatten' }, { type: 'batchNorm' }, { type: 'dense', units: 2 }]);
    const weights = someWeights(other);
    const { data } = named(stateDict(other, weights), 'dense_1.weight');
    const kernel = named(weights, 'dense_1/kernel').data;
    expect([...data.subarray(0, 12)]).toEqual([...kernel].filter((_, i) => i % 2 === 0));
    expect(modelingCode(other, provenanceOf(other))).toContain('x = x.permute(0, 2, 3, 1).flatten(1)');
  });

  it('has a weight for each parameter of its network, also where a batchNorm has no scale', () => {
    expect(stateDict(model, someWeights(model)).map(({ name }) => name)).toEqual([
      'conv2d_1.weight',
      'batch_normalization_1.weight',
      'batch_normalization_1.bias',
      'batch_normalization_1.running_mean',
      'batch_normalization_1.running_var',
      'conv2d_2.weight',
      'conv2d_2.bias',
      'dense_1.weight',
      'dense_1.bias',
    ]);
  });

  it('comes with its network in plain PyTorch', () => {
    const from = provenanceOf(model);
    const classes = ['cat "x"', 'Ünï\\'];
    const code = modelingCode(model, { ...from, dataset: { ...from.dataset, classes } });
    expect(code.slice(code.indexOf('CLASSES ='), code.indexOf('\n\n\ndef load'))).toMatchInlineSnapshot(`
      "CLASSES = ["cat \\"x\\"", "Ünï\\\\"]
      INPUT_SHAPE = (2, 4, 3)
      MEAN = [0.5, 0.5]
      STD = [0.25, 0.25]


      class Network(nn.Module):
          """Normalised images [batch, channels, height, width] -> logits [batch, classes]"""

          def __init__(self):
              super().__init__()
              self.conv2d_1 = nn.Conv2d(2, 4, (3, 2), stride=(2, 1), groups=2, bias=False)
              self.batch_normalization_1 = nn.BatchNorm2d(4, eps=0.00001, momentum=0.1)
              self.conv2d_2 = nn.Conv2d(4, 4, (3, 3), padding=(1, 1))
              self.spatial_dropout2d_1 = nn.Dropout2d(0.1)
              self.activation_1 = nn.LeakyReLU(0.2)
              self.activation_2 = nn.GELU()
              self.dropout_1 = nn.Dropout(0.5)
              self.dense_1 = nn.Linear(24, 2)

          def forward(self, x):
              x = nn.functional.pad(x, (0, 1, 0, 1))
              x = self.conv2d_1(x)
              x = self.batch_normalization_1(x)
              add_1 = x
              x = self.conv2d_2(x)
              x = self.spatial_dropout2d_1(x)
              x = add_1 + x
              x = self.activation_1(x)
              x = x.flatten(1)
              x = self.activation_2(x)
              x = self.dropout_1(x)
              x = self.dense_1(x)
              x = x * 0.5
              return x"
    `);
  });

  it('joins the outputs of branches, with the dense layers inside them in the order of their flatten', () => {
    const joined = customModel([2, 3, 2], 2, [
      { type: 'concatenate', branches: [[{ type: 'activation' }], [], [{ type: 'conv2d', filters: 1, kernel: 1 }]] },
      {
        type: 'concatenate',
        branches: [[{ type: 'flatten' }, { type: 'dense', units: 2 }], [{ type: 'flatten' }]],
      },
      { type: 'dense', units: 2 },
    ]);
    const code = modelingCode(joined, provenanceOf(joined));
    expect(code.slice(code.indexOf('def forward'), code.indexOf('\n\n\ndef load'))).toMatchInlineSnapshot(`
      "def forward(self, x):
              concatenate_1 = x
              x = self.activation_1(x)
              concatenate_1_0 = x
              x = concatenate_1
              x = self.conv2d_1(x)
              x = torch.cat((concatenate_1_0, concatenate_1, x), 1)
              concatenate_2 = x
              x = x.flatten(1)
              x = self.dense_1(x)
              concatenate_2_0 = x
              x = concatenate_2
              x = x.permute(0, 2, 3, 1).flatten(1)
              x = torch.cat((concatenate_2_0, x), 1)
              x = self.dense_2(x)
              return x"
    `);
    const weights = someWeights(joined);
    const [from, to] = [named(weights, 'dense_1/kernel'), named(stateDict(joined, weights), 'dense_1.weight')];
    // Channel 4 at height 1 and width 2 of the map [2, 3, 5], and the second unit.
    expect(to.data[30 + (4 * 2 + 1) * 3 + 2]).toBe(from.data[((1 * 3 + 2) * 5 + 4) * 2 + 1]);
    const last = named(stateDict(joined, weights), 'dense_2.weight').data;
    expect(last[1]).toBe(named(weights, 'dense_2/kernel').data[2]);
  });
});
