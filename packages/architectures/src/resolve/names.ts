import type { Layer } from '@trainyard/contracts';

const kerasNames: Record<Layer['type'], string> = {
  conv2d: 'conv2d',
  batchNorm: 'batch_normalization',
  activation: 'activation',
  maxPool: 'max_pooling2d',
  avgPool: 'average_pooling2d',
  globalAvgPool: 'global_average_pooling2d',
  dropout: 'dropout',
  spatialDropout: 'spatial_dropout2d',
  flatten: 'flatten',
  dense: 'dense',
  scale: 'rescaling',
  squeezeExcite: 'multiply',
  residual: 'add',
  concatenate: 'concatenate',
};

/** Numbers the layers of one model: `conv2d_1`, `conv2d_2`, `dense_1`, as Keras does. */
export class LayerNames {
  readonly #counts = new Map<Layer['type'], number>();

  next(type: Layer['type']): string {
    const ordinal = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, ordinal);
    return `${kerasNames[type]}_${ordinal}`;
  }
}
