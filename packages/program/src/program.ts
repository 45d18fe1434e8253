import type { ActivationKind } from '@trainyard/contracts';

/**
 * A training step as data: a list of ops over numbered slots with static shapes. The builder writes programs, passes
 * rewrite them, executors run them. Layout is NHWC, kernels HWIO, all row-major.
 */

export type SlotId = number;
export type DataType = 'f32' | 'i32' | 'u8';

/** How a persistent slot starts; equal initializers give equal values (an average starts as its weight). */
export type SlotInitializer =
  | { type: 'zeros' }
  | { type: 'ones' }
  /** Uniform in [-bound, bound); element i is draw i of (seed, stream) at step 0. */
  | { type: 'uniform'; bound: number; stream: number }
  /**
   * A kernel [h,w,C,O] as `uniform`, but that filter o < C is 1 at [floor(h/2), floor(w/2), o] and 0 elsewhere: it passes
   * its channel through.
   */
  | { type: 'dirac'; bound: number; stream: number }
  /** A kernel that the host computes from the training images and writes; as `uniform` until it does. */
  | { type: 'whitening'; bound: number; stream: number };

export interface Slot {
  /** The slot's place in `Program.slots`. */
  id: SlotId;
  /** Unique in the program. Persistent slots of one name are the same memory in every program of a session. */
  name: string;
  /** Row-major; a scalar is `[]`. */
  shape: readonly number[];
  dtype: DataType;
  /**
   * persistent: lives in the session across steps and programs (weights, optimiser state, totals, the dataset, outputs);
   * feed: written anew before each step; transient: lives within one step.
   */
  role: 'persistent' | 'feed' | 'transient';
  /**
   * A transient slot with the same elements as another under another shape (flatten): no copy, no op. Names the slot
   * that is written, never another view.
   */
  viewOf: SlotId | null;
  /** How a persistent slot starts; null for all else and for what the host must write (the dataset). */
  initializer: SlotInitializer | null;
}

export interface Window {
  /** `[height, width]` */
  size: readonly [number, number];
  stride: readonly [number, number];
}

export interface Padding {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export interface Activation {
  kind: ActivationKind;
  /** Of negative inputs; read by leakyRelu alone. */
  slope: number;
}

export interface Convolution {
  stride: readonly [number, number];
  padding: Padding;
}

/** What is drawn for each image of a batch and done to it, in this order; see augmentationDraws in random.ts. */
export interface ImageAugmentation {
  /** random: by a draw of the step; alternating: by a draw of the image, the other way round in odd epochs. */
  flip: 'none' | 'random' | 'alternating';
  /** Pixels; with border reflect less than the image's sides. */
  translate: number;
  border: Border;
  cutout: number;
}

/** The same for all images of a batch, mirrored first; what the shift brings in is reflected at the border pixels. */
export interface ImageView {
  mirror: boolean;
  /** Pixels by which the contents move; negative: up and left. Less than the image's sides. */
  down: number;
  right: number;
}

/**
 * What stands outside an image. zero: zeros; reflect: pixel -i is pixel i and pixel size-1+i is pixel size-1-i, so that the
 * border pixels are not doubled (PyTorch's and NumPy's `reflect`).
 */
export type Border = 'zero' | 'reflect';

/** The draws of an op: Philox4x32-10 keyed by (seed, stream), counted by (element, step); see random.ts. */
export interface Randomness {
  seed: number;
  stream: number;
}

/**
 * Every op there is. `in` is read, `out` is written whole, `update` is read and written in place (persistent slots).
 * B batch, H W height and width, C channels, K classes.
 */
export type Op =
  /**
   * images u8 [N,H,W,C], indices i32 [B], step i32 [], epoch i32 [] -> y f32 [B,H,W,C] = (pixel/255 - mean)/std, then flip,
   * translate, cutout (zeros), in this order; augmentation null: none of them. `step` is there with an augmentation, `epoch`
   * (from 0) with an alternating flip. `view` instead changes every image in the same way; never both.
   */
  | {
      kind: 'gatherImages';
      in: { images: SlotId; indices: SlotId; step: SlotId | null; epoch: SlotId | null };
      out: { y: SlotId };
      mean: readonly number[];
      std: readonly number[];
      augmentation: ImageAugmentation | null;
      view: ImageView | null;
      random: Randomness;
    }
  /** labels i32 [N], indices i32 [B] -> y i32 [B] */
  | { kind: 'gatherLabels'; in: { labels: SlotId; indices: SlotId }; out: { y: SlotId } }
  /** x [B,H,W,C], w [h,w,C,O], b [O] -> y [B,H',W',O]; activation (fused by a pass) is applied last. */
  | {
      kind: 'conv2d';
      in: { x: SlotId; w: SlotId; b: SlotId | null };
      out: { y: SlotId };
      convolution: Convolution;
      activation: Activation | null;
    }
  | { kind: 'conv2dGradInput'; in: { dy: SlotId; w: SlotId }; out: { dx: SlotId }; convolution: Convolution }
  | {
      kind: 'conv2dGradFilter';
      in: { x: SlotId; dy: SlotId };
      out: { dw: SlotId; db: SlotId | null };
      convolution: Convolution;
    }
  /** dy [...,O] -> db [O], its sums over all axes but the last: the gradient of a bias whose kernel does not train. */
  | { kind: 'biasGrad'; in: { dy: SlotId }; out: { db: SlotId } }
  /** x [B,I], w [I,O], b [O] -> y [B,O] */
  | {
      kind: 'dense';
      in: { x: SlotId; w: SlotId; b: SlotId | null };
      out: { y: SlotId };
      activation: Activation | null;
    }
  | { kind: 'denseGradInput'; in: { dy: SlotId; w: SlotId }; out: { dx: SlotId } }
  | { kind: 'denseGradFilter'; in: { x: SlotId; dy: SlotId }; out: { dw: SlotId; db: SlotId | null } }
  /** No padding; rows and columns that fill no window are dropped. */
  | { kind: 'maxPool'; in: { x: SlotId }; out: { y: SlotId }; window: Window }
  /** The gradient goes to the first (row-major) largest element of each window. */
  | { kind: 'maxPoolGrad'; in: { x: SlotId; y: SlotId; dy: SlotId }; out: { dx: SlotId }; window: Window }
  | { kind: 'avgPool'; in: { x: SlotId }; out: { y: SlotId }; window: Window }
  | { kind: 'avgPoolGrad'; in: { dy: SlotId }; out: { dx: SlotId }; window: Window }
  /** [B,H,W,C] -> [B,C] */
  | { kind: 'globalAvgPool'; in: { x: SlotId }; out: { y: SlotId } }
  | { kind: 'globalAvgPoolGrad'; in: { dy: SlotId }; out: { dx: SlotId } }
  /**
   * Over all axes but the last; y = gamma (x - mean) invStd + beta, gamma null: 1. Normalises by the batch's biased variance; mean and invStd = 1/sqrt(variance + epsilon), [C],
   * are kept for the gradient. Running statistics move by `momentum` towards the batch's mean and UNBIASED variance (PyTorch).
   */
  | {
      kind: 'batchNorm';
      in: { x: SlotId; gamma: SlotId | null; beta: SlotId };
      out: { y: SlotId; mean: SlotId; invStd: SlotId };
      update: { runningMean: SlotId; runningVariance: SlotId };
      epsilon: number;
      momentum: number;
    }
  | {
      kind: 'batchNormInference';
      in: { x: SlotId; gamma: SlotId | null; beta: SlotId; runningMean: SlotId; runningVariance: SlotId };
      out: { y: SlotId };
      epsilon: number;
    }
  | {
      kind: 'batchNormGrad';
      in: { x: SlotId; dy: SlotId; gamma: SlotId | null; mean: SlotId; invStd: SlotId };
      out: { dx: SlotId; dgamma: SlotId | null; dbeta: SlotId };
    }
  /** gelu is the exact one, x * Phi(x). */
  | { kind: 'activation'; in: { x: SlotId }; out: { y: SlotId }; activation: Activation }
  /** `saved` is the activation's output; for gelu its input. */
  | { kind: 'activationGrad'; in: { saved: SlotId; dy: SlotId }; out: { dx: SlotId }; activation: Activation }
  /** Keeps an element where its draw is at least `rate`, times 1/(1 - rate). Its own gradient: applied to dy with the same draws. */
  | { kind: 'dropout'; in: { x: SlotId; step: SlotId }; out: { y: SlotId }; rate: number; random: Randomness }
  /** One draw a (image, channel), element = image * C + channel. Its own gradient too. */
  | { kind: 'spatialDropout'; in: { x: SlotId; step: SlotId }; out: { y: SlotId }; rate: number; random: Randomness }
  /** y = factor x. Its own gradient: applied to dy. */
  | { kind: 'scale'; in: { x: SlotId }; out: { y: SlotId }; factor: number }
  | { kind: 'add'; in: { a: SlotId; b: SlotId }; out: { y: SlotId } }
  /**
   * logits [B,K], labels i32 [B] -> loss [] (mean over the batch), hits [] (f32: rows whose first largest logit is the label's),
   * dlogits [B,K] (of the mean loss). Targets: 1 - s + s/K for the label, s/K elsewhere.
   */
  | {
      kind: 'softmaxCrossEntropy';
      in: { logits: SlotId; labels: SlotId };
      out: { loss: SlotId; hits: SlotId; dlogits: SlotId | null };
      labelSmoothing: number;
    }
  | { kind: 'softmax'; in: { x: SlotId }; out: { y: SlotId } }
  /** g += weightDecay w; v = momentum v + g (v null: no momentum); w -= lr (nesterov ? g + momentum v : v). PyTorch's. */
  | {
      kind: 'sgd';
      in: { g: SlotId; learningRate: SlotId };
      update: { w: SlotId; v: SlotId | null };
      momentum: number;
      nesterov: boolean;
      weightDecay: number;
    }
  /** Kingma and Ba; t = step + 1. decoupled: adamw (w -= lr weightDecay w before the update); else g += weightDecay w. */
  | {
      kind: 'adam';
      in: { g: SlotId; learningRate: SlotId; step: SlotId };
      update: { w: SlotId; m: SlotId; v: SlotId };
      beta1: number;
      beta2: number;
      epsilon: number;
      weightDecay: number;
      decoupled: boolean;
    }
  /** average = decay average + (1 - decay) w */
  | { kind: 'ema'; in: { w: SlotId }; update: { average: SlotId }; decay: number }
  /**
   * blend f32 [2] = [d, p]: slow = d slow + (1 - d) w, then w = p slow + (1 - p) w. So [1, 0] leaves both as they are, [d, 1]
   * is a step of lookahead, [1, 1] makes w the slow copy; each of these exactly, for finite values.
   */
  | { kind: 'lookahead'; in: { blend: SlotId }; update: { slow: SlotId; w: SlotId } }
  /** totals f32 [3] += [loss * count, hits, count] */
  | { kind: 'accumulate'; in: { loss: SlotId; hits: SlotId }; update: { totals: SlotId }; count: number }
  /** counts i32 [K,K]: counts[label][first largest logit] += 1 */
  | { kind: 'confusion'; in: { logits: SlotId; labels: SlotId }; update: { counts: SlotId } };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

export interface Program {
  /** For people: `train`, `evaluate`, `predict`. */
  name: string;
  slots: readonly Slot[];
  ops: readonly Op[];
}

/** Names of slots that the host feeds, reads or writes. */
export const slotNames = {
  /** i32 [B]: which images. */
  indices: 'feed/indices',
  /** f32 []: of all weights that are in no parameter group. */
  learningRate: 'feed/learningRate',
  /** f32 []: of the weights of a parameter group; see parameterGroups. */
  groupRate: (group: string) => `feed/learningRate/${group}`,
  /** i32 []: epochs before this one; its parity turns an alternating flip round. */
  epoch: 'feed/epoch',
  /** f32 [2]: decay of the slow copy, and how much of it the weights take; see the op lookahead. */
  lookahead: 'feed/lookahead',
  /** i32 []: steps before this one since the beginning of the run; counts draws and Adam's t. */
  step: 'feed/step',
  images: (split: Split) => `dataset/${split}/images`,
  labels: (split: Split) => `dataset/${split}/labels`,
  /** f32 [3]: sum of loss, hits, images. */
  totals: (program: string) => `totals/${program}`,
  /** i32 [K,K] */
  confusion: 'confusion',
  /** f32 [B,K]; written by predict. */
  probabilities: 'probabilities',
  momentum: (weight: string) => `momentum/${weight}`,
  adamM: (weight: string) => `adam_m/${weight}`,
  adamV: (weight: string) => `adam_v/${weight}`,
  ema: (weight: string) => `ema/${weight}`,
  slow: (weight: string) => `slow/${weight}`,
} as const;
export type Split = 'train' | 'test';
