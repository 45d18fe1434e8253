import type { LayerInput } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import {
  buildTrainProgram,
  elementCount,
  initialValues,
  type LoadedProgram,
  randomWords,
  type Session,
  slotNames,
  toUnit,
} from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { modelOf, trainOptions } from '../models.js';

/**
 * Compares each layer's gradient rule with central differences of the loss, on the reference executor in fp32. The
 * layer is between others with weights, so that the gradient of its input is checked too.
 */

const conv = (filters: number): LayerInput => ({ type: 'conv2d', filters, kernel: [3, 2] });
const toClasses: LayerInput[] = [{ type: 'flatten' }, { type: 'dense', units: 4 }];
const frozen = { type: 'conv2d', kernelEpochs: 0 } as const;
const tanh: LayerInput = { type: 'activation', kind: 'tanh' };
const pool: LayerInput = { type: 'avgPool', size: [3, 2], stride: 1 };

const cases: Record<string, LayerInput[]> = {
  'conv2d with stride and uneven padding': [
    conv(3),
    { type: 'conv2d', filters: 5, kernel: [3, 2], stride: [2, 1], padding: 'same' },
    tanh,
    ...toClasses,
  ],
  'conv2d with dilation': [
    conv(3),
    { type: 'conv2d', filters: 4, kernel: 2, dilation: [2, 3], padding: 'same' },
    ...toClasses,
  ],
  'conv2d with groups': [
    conv(4),
    { type: 'conv2d', filters: 6, kernel: [2, 3], groups: 2, padding: 'same' },
    tanh,
    ...toClasses,
  ],
  'depthwise conv2d': [
    conv(3),
    { type: 'conv2d', filters: 6, kernel: 3, stride: 2, padding: 1, groups: 3 },
    ...toClasses,
  ],
  'conv2d without bias': [conv(3), { type: 'conv2d', filters: 4, kernel: 3, padding: 1, bias: false }, ...toClasses],
  'batchNorm of images': [conv(3), { type: 'batchNorm' }, tanh, ...toClasses],
  'batchNorm without scale': [conv(3), { type: 'batchNorm', scale: false }, tanh, ...toClasses],
  'batchNorm of vectors': [
    { type: 'flatten' },
    { type: 'dense', units: 5 },
    { type: 'batchNorm' },
    ...toClasses.slice(1),
  ],
  relu: [conv(3), { type: 'activation', kind: 'relu' }, ...toClasses],
  leakyRelu: [conv(3), { type: 'activation', kind: 'leakyRelu', slope: 0.2 }, ...toClasses],
  tanh: [conv(3), tanh, ...toClasses],
  sigmoid: [conv(3), { type: 'activation', kind: 'sigmoid' }, ...toClasses],
  gelu: [conv(3), { type: 'activation', kind: 'gelu' }, ...toClasses],
  'maxPool with windows that overlap': [conv(3), { type: 'maxPool', size: 3, stride: [1, 2] }, ...toClasses],
  'avgPool with windows that overlap': [conv(3), { type: 'avgPool', size: [2, 3], stride: 1 }, ...toClasses],
  globalAvgPool: [conv(3), tanh, { type: 'globalAvgPool' }, { type: 'dense', units: 4 }],
  'a bias whose kernel is frozen': [conv(3), { ...frozen, filters: 5, kernel: 3 }, tanh, ...toClasses],
  'the bias of a frozen first layer': [
    { ...frozen, filters: 6, kernel: 2, initializer: 'whitening' },
    tanh,
    ...toClasses,
  ],
  'a frozen layer between others': [conv(3), { ...frozen, filters: 5, kernel: 3, biasEpochs: 0 }, tanh, ...toClasses],
  'conv2d that starts as dirac': [
    conv(3),
    { type: 'conv2d', filters: 4, kernel: 3, initializer: 'dirac' },
    ...toClasses,
  ],
  scale: [conv(3), { type: 'scale', factor: -0.3 }, tanh, ...toClasses, { type: 'scale', factor: 2.5 }],
  dropout: [conv(3), { type: 'dropout', rate: 0.4 }, ...toClasses],
  spatialDropout: [conv(8), { type: 'spatialDropout', rate: 0.4 }, ...toClasses],
  squeezeExcite: [conv(8), { type: 'squeezeExcite', reduction: 2, activation: 'tanh' }, tanh, ...toClasses],
  'squeezeExcite as the first layer': [{ type: 'squeezeExcite', reduction: 1 }, conv(3), ...toClasses],
  'squeezeExcite in a residual': [
    conv(4),
    {
      type: 'residual',
      layers: [
        { type: 'conv2d', filters: 4, padding: 'same' },
        { type: 'squeezeExcite', reduction: 2, activation: 'gelu' },
      ],
    },
    ...toClasses,
  ],
  concatenate: [
    conv(3),
    { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 2, padding: 'same' }, tanh], [tanh]] },
    ...toClasses,
  ],
  'concatenate as the first layer': [
    { type: 'concatenate', branches: [[pool], [conv(2)], [conv(3), tanh], [pool]] },
    ...toClasses,
  ],
  'concatenate of flat values': [
    conv(3),
    {
      type: 'concatenate',
      branches: [[{ type: 'flatten' }], [{ type: 'globalAvgPool' }, { type: 'dense', units: 3 }]],
    },
    tanh,
    { type: 'dense', units: 4 },
  ],
  'concatenate with one branch that trains': [
    { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 2, padding: 'same' }]] },
    ...toClasses,
  ],
  'concatenate, residual and concatenate in one another': [
    conv(3),
    {
      type: 'concatenate',
      branches: [
        [
          {
            type: 'residual',
            layers: [
              { type: 'concatenate', branches: [[], [tanh], [{ type: 'conv2d', filters: 1, padding: 'same' }]] },
              { type: 'conv2d', filters: 3, kernel: 1 },
            ],
          },
          { type: 'concatenate', branches: [[], []] },
        ],
        [],
      ],
    },
    tanh,
    ...toClasses,
  ],
  dense: [{ type: 'flatten' }, { type: 'dense', units: 6 }, tanh, { type: 'dense', units: 4, bias: false }],
  residual: [
    conv(3),
    {
      type: 'residual',
      layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }, { type: 'batchNorm' }, tanh],
    },
    tanh,
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }] },
    ...toClasses,
  ],
  'residual as the first layer': [
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }, tanh] },
    ...toClasses,
  ],
};

describe.each(Object.entries(cases))('the gradient of %s', (_, layers) => {
  it('is the slope of the loss along the gradient and along random directions', async () => {
    const model = modelOf(layers);
    const program = buildTrainProgram(
      trainOptions(model, { loss: { labelSmoothing: 0.1 }, classWeights: [0.5, 2, 1, 0] }),
    );
    const session = await (await openTfjsExecutor({ backend: 'cpu' })).openSession();
    const loaded = await session.load(program);
    await writeData(session, [6, 7, 3]);
    const weights = initialValues(program, 3);
    const loss = new Loss(session, loaded, weights);

    for (const weight of model.weights.filter(({ trainable }) => trainable)) {
      const gradient = await loss.gradient(weight.name);
      const length = norm(gradient);
      const directions = [gradient.map((g) => g / length), randomDirection(gradient.length)];
      for (const direction of directions) {
        const expected = await loss.slope(weight.name, direction);
        const found = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
        // The loss is known to about 1e-7, so a slope over 4e-3 to about 3e-5; kinks of relu and max add to that.
        expect(Math.abs(found - expected), `${weight.name}: ${found} against ${expected}`).toBeLessThan(
          4e-3 * length + 1e-4,
        );
      }
    }
    await session.close();
  });
});

const feeds = (learningRate: number) => ({
  [slotNames.indices]: Int32Array.of(3, 1, 4, 1),
  [slotNames.learningRate]: Float32Array.of(learningRate),
  [slotNames.step]: Int32Array.of(5),
});

/** The loss of one batch as a function of the weights. */
class Loss {
  constructor(
    readonly session: Session,
    readonly program: LoadedProgram,
    readonly weights: ReadonlyMap<string, Float32Array>,
  ) {}

  /** The gradient of a weight: the difference that a step of plain SGD at rate 1 makes. */
  async gradient(name: string): Promise<number[]> {
    await this.#reset();
    await this.program.run(1, feeds(1));
    const before = this.weights.get(name) as Float32Array;
    const after = await this.session.read(name);
    return Array.from(before, (w, i) => w - (after[i] as number));
  }

  /** Central difference of the loss along a direction of one weight. */
  async slope(name: string, direction: readonly number[]): Promise<number> {
    const reach = 2e-3;
    const [ahead, behind] = [await this.#at(name, direction, reach), await this.#at(name, direction, -reach)];
    return (ahead - behind) / (2 * reach);
  }

  async #at(name: string, direction: readonly number[], by: number): Promise<number> {
    await this.#reset();
    const moved = (this.weights.get(name) as Float32Array).map((w, i) => w + by * (direction[i] as number));
    await this.session.write(name, moved);
    await this.program.run(1, feeds(0));
    const [sum = 0, , count = 1] = await this.session.read(slotNames.totals('train'));
    return sum / count;
  }

  async #reset(): Promise<void> {
    for (const [name, values] of this.weights) await this.session.write(name, values);
  }
}

async function writeData(session: Session, imageShape: number[]): Promise<void> {
  const pixels = randomWords(12 * elementCount(imageShape), 11, 0, 0);
  await session.write(
    slotNames.images('train'),
    Uint8Array.from(pixels, (word) => word >>> 24),
  );
  await session.write(
    slotNames.labels('train'),
    Int32Array.from({ length: 12 }, (_, i) => i % 4),
  );
}

const norm = (vector: readonly number[]): number => Math.hypot(...vector);

function randomDirection(length: number): number[] {
  const direction = Array.from(randomWords(length, 5, 1, 0), (word) => 2 * toUnit(word) - 1);
  const size = norm(direction);
  return direction.map((d) => d / size);
}
