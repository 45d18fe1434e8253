import type { OpKind, OpOf } from './program.js';

type Names<O, Group extends string> = O extends Record<Group, infer Operands> ? keyof Operands : never;
interface InPlace<O> {
  out: Names<O, 'out'>;
  /** The first that may be overwritten is. */
  over: readonly Names<O, 'in'>[];
}

/**
 * Which output an op may write over which of its inputs, where that input is read for the last time: a plan of memory then
 * gives both the same bytes. An op may stand here only if it is right on every executor when the two are the same memory,
 * which test/conformance tries: element i of the output depends on element i of these inputs, or is written after all that
 * depends on it was read.
 */
export const inPlace: { readonly [K in OpKind]?: InPlace<OpOf<K>> } = {
  activation: { out: 'y', over: ['x'] },
  activationGrad: { out: 'dx', over: ['dy', 'saved'] },
  scale: { out: 'y', over: ['x'] },
  add: { out: 'y', over: ['a', 'b'] },
  dropout: { out: 'y', over: ['x'] },
  spatialDropout: { out: 'y', over: ['x'] },
  batchNorm: { out: 'y', over: ['x'] },
  batchNormInference: { out: 'y', over: ['x'] },
  batchNormGrad: { out: 'dx', over: ['dy', 'x'] },
  softmax: { out: 'y', over: ['x'] },
};
