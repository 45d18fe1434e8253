export type SlotId = number;
export type DataType = 'f32' | 'i32' | 'u8';

/** First values of a persistent slot. Equal initializers produce equal values: an average starts as its weight. */
export type SlotInitializer =
  | { type: 'zeros' }
  | { type: 'ones' }
  /** Uniform in [-bound, bound); element i is draw i of (seed, stream) at step 0. */
  | { type: 'uniform'; bound: number; stream: number }
  /**
   * A kernel [h,w,C,O] as `uniform`, except that filter o < C of each group is 1 at [floor(h/2), floor(w/2), o] and 0
   * elsewhere: it passes its channel of the group through.
   */
  | { type: 'dirac'; bound: number; groups: number; stream: number }
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
   * persistent: lives in the session across steps and programs (weights, optimiser state, totals, dataset, outputs);
   * feed: written before each step; transient: lives within one step.
   */
  role: 'persistent' | 'feed' | 'transient';
  /**
   * A transient slot with the same elements as another under another shape (flatten): no copy, no op. Names the slot
   * that is written, never another view.
   */
  viewOf: SlotId | null;
  /** How a persistent slot starts; null for all other slots and for those that the host must write (the dataset). */
  initializer: SlotInitializer | null;
}

export type Split = 'train' | 'test';

/** Names of slots that the host feeds, reads or writes. */
export const slotNames = {
  /** i32 [B]: which images. */
  indices: 'feed/indices',
  /** f32 []: of all weights that are in no parameter group. */
  learningRate: 'feed/learningRate',
  /** f32 []: of the weights of a parameter group; see parameterGroups. */
  groupRate: (group: string) => `feed/learningRate/${group}`,
  /** i32 []: epochs before this one; an alternating flip is reversed where it is odd. */
  epoch: 'feed/epoch',
  /** f32 [2]: decay of the slow copy, and how much of it the weights take; see the op lookahead. */
  lookahead: 'feed/lookahead',
  /** f32 [2]: how much of the averages stays, and how much of the weights they take; see the op ema. */
  averaging: 'feed/averaging',
  /** f32 [6]: how the images of a batch are blended; see the op mixImages. */
  mixing: 'feed/mixing',
  /** i32 []: steps before this one since the beginning of the run; counts draws and Adam's t. */
  step: 'feed/step',
  images: (split: Split) => `dataset/${split}/images`,
  labels: (split: Split) => `dataset/${split}/labels`,
  /** f32 [n]: constant. */
  zeros: (count: number) => `zeros/${count}`,
  /** f32 [3]: sum of loss, hits, images. */
  totals: (program: string) => `totals/${program}`,
  /** i32 [K,K] */
  confusion: 'confusion',
  /** i32 []: images whose class is among the `topCount` largest logits. */
  topHits: 'topHits',
  /** f32 [B,K]; written by the evaluation of a test. Programs of several batch sizes share the session. */
  logits: (batchSize: number) => `logits/${batchSize}`,
  /** f32 [B,K]; written by predict. */
  probabilities: 'probabilities',
  momentum: (weight: string) => `momentum/${weight}`,
  adamM: (weight: string) => `adam_m/${weight}`,
  adamV: (weight: string) => `adam_v/${weight}`,
  ema: (weight: string) => `ema/${weight}`,
  slow: (weight: string) => `slow/${weight}`,
} as const;
