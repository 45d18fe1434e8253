import { boolean, integer, list, nullable, number, type OpsOf, op } from './declaration.js';
import { activation, convolution, imageAugmentation, imageView, randomness, window } from './fields.js';

/**
 * Every op that all executors run, declared once. From this table derive the type `Op`, the keys of the TensorFlow.js
 * kernels and of the conformance cases, and the structs and registries of the C++ executors (`npm run generate:ops`).
 * B batch, H W height and width, C channels, K classes.
 */
export const ops = {
  /**
   * images u8 [N,H,W,C], indices i32 [B], step i32 [], epoch i32 [] -> y f32 [B,H,W,C] = (pixel/255 - mean)/std, then
   * crop, jitter, flip, translate, cutout (zeros), in this order; augmentation null: none of them. `step` is required
   * with an augmentation, `epoch` (from 0) with an alternating flip. `view` instead changes every image in the same
   * way; an op never has both.
   */
  gatherImages: op({
    in: { images: 'slot', indices: 'slot', step: 'optional', epoch: 'optional' },
    out: { y: 'slot' },
    fields: {
      mean: list,
      std: list,
      augmentation: nullable(imageAugmentation),
      view: nullable(imageView),
      random: randomness,
    },
  }),
  /**
   * Blends each image of a batch with its partner: image i with image B - 1 - i. mixing f32 [6] = [keep, share, top,
   * left, height, width]; within the box (whole pixels of the image) y_i = keep x_i + (1 - keep) x_partner, outside
   * y = x. `share`, of an image in its own target, is read by softmaxCrossEntropy.
   */
  mixImages: op({ in: { x: 'slot', mixing: 'slot' }, out: { y: 'slot' } }),
  /** labels i32 [N], indices i32 [B] -> y i32 [B] */
  gatherLabels: op({ in: { labels: 'slot', indices: 'slot' }, out: { y: 'slot' } }),

  /**
   * x [B,H,W,C], w [h,w,C/groups,O], b [O] -> y [B,H',W',O]; activation (fused by a pass) is applied last. Of stride
   * and dilation one is 1. Filter o reads the C/groups channels of group floor(o groups/O).
   */
  conv2d: op({
    in: { x: 'slot', w: 'slot', b: 'optional' },
    out: { y: 'slot' },
    fields: { convolution, activation: nullable(activation) },
  }),
  conv2dGradInput: op({ in: { dy: 'slot', w: 'slot' }, out: { dx: 'slot' }, fields: { convolution } }),
  conv2dGradFilter: op({
    in: { x: 'slot', dy: 'slot' },
    out: { dw: 'slot', db: 'optional' },
    fields: { convolution },
  }),
  /** dy [...,O] -> db [O], its sums over all axes but the last: the gradient of a bias whose kernel does not train. */
  biasGrad: op({ in: { dy: 'slot' }, out: { db: 'slot' } }),
  /** x [B,I], w [I,O], b [O] -> y [B,O] */
  dense: op({
    in: { x: 'slot', w: 'slot', b: 'optional' },
    out: { y: 'slot' },
    fields: { activation: nullable(activation) },
  }),
  denseGradInput: op({ in: { dy: 'slot', w: 'slot' }, out: { dx: 'slot' } }),
  denseGradFilter: op({ in: { x: 'slot', dy: 'slot' }, out: { dw: 'slot', db: 'optional' } }),

  /** No padding; rows and columns that fill no window are dropped. */
  maxPool: op({ in: { x: 'slot' }, out: { y: 'slot' }, fields: { window } }),
  /** The gradient goes to the first (row-major) largest element of each window. */
  maxPoolGrad: op({ in: { x: 'slot', y: 'slot', dy: 'slot' }, out: { dx: 'slot' }, fields: { window } }),
  avgPool: op({ in: { x: 'slot' }, out: { y: 'slot' }, fields: { window } }),
  avgPoolGrad: op({ in: { dy: 'slot' }, out: { dx: 'slot' }, fields: { window } }),
  /** [B,H,W,C] -> [B,C] */
  globalAvgPool: op({ in: { x: 'slot' }, out: { y: 'slot' } }),
  globalAvgPoolGrad: op({ in: { dy: 'slot' }, out: { dx: 'slot' } }),

  /**
   * Over all axes but the last; y = gamma (x - mean) invStd + beta, gamma null: 1. Normalises by the batch's biased
   * variance; mean and invStd = 1/sqrt(variance + epsilon), [C], are kept for the gradient. Running statistics move by
   * `momentum` towards the batch's mean and UNBIASED variance (PyTorch).
   */
  batchNorm: op({
    in: { x: 'slot', gamma: 'optional', beta: 'slot' },
    out: { y: 'slot', mean: 'slot', invStd: 'slot' },
    update: { runningMean: 'slot', runningVariance: 'slot' },
    fields: { epsilon: number, momentum: number },
    inPlace: { out: 'y', over: ['x'] },
  }),
  batchNormInference: op({
    in: { x: 'slot', gamma: 'optional', beta: 'slot', runningMean: 'slot', runningVariance: 'slot' },
    out: { y: 'slot' },
    fields: { epsilon: number },
    inPlace: { out: 'y', over: ['x'] },
  }),
  batchNormGrad: op({
    in: { x: 'slot', dy: 'slot', gamma: 'optional', mean: 'slot', invStd: 'slot' },
    out: { dx: 'slot', dgamma: 'optional', dbeta: 'slot' },
    inPlace: { out: 'dx', over: ['dy', 'x'] },
  }),

  /** gelu is the exact one, x * Phi(x). */
  activation: op({
    in: { x: 'slot' },
    out: { y: 'slot' },
    fields: { activation },
    inPlace: { out: 'y', over: ['x'] },
  }),
  /** `saved` is the activation's output; for gelu its input. */
  activationGrad: op({
    in: { saved: 'slot', dy: 'slot' },
    out: { dx: 'slot' },
    fields: { activation },
    inPlace: { out: 'dx', over: ['dy', 'saved'] },
  }),
  /**
   * Keeps an element where its draw is at least `rate`, times 1/(1 - rate). Its own gradient: applied to dy with the
   * same draws.
   */
  dropout: op({
    in: { x: 'slot', step: 'slot' },
    out: { y: 'slot' },
    fields: { rate: number, random: randomness },
    inPlace: { out: 'y', over: ['x'] },
  }),
  /** One draw an (image, channel), element = image * C + channel. Its own gradient too. */
  spatialDropout: op({
    in: { x: 'slot', step: 'slot' },
    out: { y: 'slot' },
    fields: { rate: number, random: randomness },
    inPlace: { out: 'y', over: ['x'] },
  }),
  /** y = factor x. Its own gradient: applied to dy. */
  scale: op({
    in: { x: 'slot' },
    out: { y: 'slot' },
    fields: { factor: number },
    inPlace: { out: 'y', over: ['x'] },
  }),
  /** x [B,H,W,C], s [B,C] -> y = s x, a factor a channel. The gradient of x: applied to dy. */
  scaleChannels: op({ in: { x: 'slot', s: 'slot' }, out: { y: 'slot' }, inPlace: { out: 'y', over: ['x'] } }),
  /** ds [B,C]: the sums of x dy over the map. */
  scaleChannelsGrad: op({ in: { x: 'slot', dy: 'slot' }, out: { ds: 'slot' } }),
  /** Inputs [...,C0], [...,C1] and so on -> y [...,C0+C1+...]: their last axes one after the other. */
  concatenate: op({
    in: {
      x0: 'slot',
      x1: 'slot',
      x2: 'optional',
      x3: 'optional',
      x4: 'optional',
      x5: 'optional',
      x6: 'optional',
      x7: 'optional',
    },
    out: { y: 'slot' },
  }),
  /** x [...,C] -> y [...,D] = x[..., from : from + D]: the gradient of an input of concatenate, applied to dy. */
  slice: op({ in: { x: 'slot' }, out: { y: 'slot' }, fields: { from: integer } }),
  add: op({ in: { a: 'slot', b: 'slot' }, out: { y: 'slot' }, inPlace: { out: 'y', over: ['a', 'b'] } }),

  /**
   * logits [B,K], labels i32 [B] -> loss [] (mean over the batch), hits [] (f32: rows whose first largest logit is the
   * label's), dlogits [B,K] (of the mean loss). Targets t: 1 - s + s/K for the label, s/K elsewhere; with class weights
   * times the class's weight; with `mixing` (see mixImages) the 1 - s are divided between the label, `share`, and the
   * label of the partner. The loss of a row is -sum_c t_c log p_c, its gradient p sum(t) - t.
   */
  softmaxCrossEntropy: op({
    in: { logits: 'slot', labels: 'slot', mixing: 'optional' },
    out: { loss: 'slot', hits: 'slot', dlogits: 'optional' },
    fields: { labelSmoothing: number, classWeights: nullable(list) },
  }),
  softmax: op({ in: { x: 'slot' }, out: { y: 'slot' }, inPlace: { out: 'y', over: ['x'] } }),

  /**
   * PyTorch's: g += weightDecay w; v = momentum v + g (v null: no momentum); w -= lr (nesterov ? g + momentum v : v).
   */
  sgd: op({
    in: { g: 'slot', learningRate: 'slot' },
    update: { w: 'slot', v: 'optional' },
    fields: { momentum: number, nesterov: boolean, weightDecay: number },
  }),
  /**
   * Kingma and Ba; t = step + 1. decoupled: adamw (w -= lr weightDecay w before the update); else g += weightDecay w.
   */
  adam: op({
    in: { g: 'slot', learningRate: 'slot', step: 'slot' },
    update: { w: 'slot', m: 'slot', v: 'slot' },
    fields: { beta1: number, beta2: number, epsilon: number, weightDecay: number, decoupled: boolean },
  }),
  /** shares f32 [2] = [a, b]: average = a average + b w */
  ema: op({ in: { w: 'slot', shares: 'slot' }, update: { average: 'slot' } }),
  /**
   * blend f32 [2] = [d, p]: slow = d slow + (1 - d) w, then w = p slow + (1 - p) w. So [1, 0] leaves both as they are,
   * [d, 1] is a step of lookahead, [1, 1] copies slow to w; each of these exactly, for finite values.
   */
  lookahead: op({ in: { blend: 'slot' }, update: { slow: 'slot', w: 'slot' } }),

  /** totals f32 [3] += [loss * count, hits, count] */
  accumulate: op({
    in: { loss: 'slot', hits: 'slot' },
    update: { totals: 'slot' },
    fields: { count: integer },
  }),
  /** counts i32 [K,K]: counts[label][first largest logit] += 1 */
  confusion: op({ in: { logits: 'slot', labels: 'slot' }, update: { counts: 'slot' } }),
  /**
   * count i32 [] += rows whose label is among the `k` largest logits; of equal logits the first count as larger, and a
   * NaN is larger than all that it is compared with.
   */
  topHits: op({ in: { logits: 'slot', labels: 'slot' }, update: { count: 'slot' }, fields: { k: integer } }),
};

export type OpKind = keyof typeof ops;
export type OpOf<Kind extends OpKind> = OpsOf<typeof ops>[Kind];
/** An op of a program: narrow it by its `kind`. */
export type Op = OpOf<OpKind>;
