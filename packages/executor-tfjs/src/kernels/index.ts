import type { OpKind } from '@trainyard/program';
import {
  activation,
  activationGrad,
  add,
  concatenate,
  scale,
  scaleChannels,
  scaleChannelsGrad,
  slice,
} from './activation.js';
import { biasGrad, conv2d, conv2dGradFilter, conv2dGradInput } from './convolution.js';
import { gatherImages, gatherLabels, mixImages } from './data.js';
import { dense, denseGradFilter, denseGradInput } from './dense.js';
import { dropout, spatialDropout } from './dropout.js';
import type { Kernel } from './kernel.js';
import { accumulate, confusion, softmax, softmaxCrossEntropy, topHits } from './loss.js';
import { batchNorm, batchNormGrad, batchNormInference } from './normalization.js';
import { avgPool, avgPoolGrad, globalAvgPool, globalAvgPoolGrad, maxPool, maxPoolGrad } from './pooling.js';
import { adam, ema, lookahead, sgd } from './update.js';

export type { Kernel, Operands } from './kernel.js';

/** The kernel of every op; an op of the table without a kernel is a type error here. */
export const kernels: { readonly [K in OpKind]: Kernel<K> } = {
  gatherImages,
  gatherLabels,
  mixImages,
  conv2d,
  conv2dGradInput,
  conv2dGradFilter,
  biasGrad,
  dense,
  denseGradInput,
  denseGradFilter,
  maxPool,
  maxPoolGrad,
  avgPool,
  avgPoolGrad,
  globalAvgPool,
  globalAvgPoolGrad,
  batchNorm,
  batchNormInference,
  batchNormGrad,
  activation,
  activationGrad,
  dropout,
  spatialDropout,
  scale,
  scaleChannels,
  scaleChannelsGrad,
  concatenate,
  slice,
  add,
  softmaxCrossEntropy,
  softmax,
  sgd,
  adam,
  ema,
  lookahead,
  accumulate,
  confusion,
  topHits,
};
