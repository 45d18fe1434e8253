import type { Model } from '@trainyard/architectures';
import { optimize } from '../passes/optimize.js';
import type { Program } from '../program.js';
import { type Split, slotNames } from '../slots.js';
import { ProgramBuilder } from './builder.js';
import { type ChannelNormalization, gatherLabels } from './data.js';
import { type TestAugmentation, testLogits } from './logits.js';
import { Network } from './network.js';

export interface EvaluateProgramOptions {
  model: Model;
  /** Every step counts this many images; for a smaller last batch, build a second program of its size. */
  batchSize: number;
  split: Split;
  /** Number of images of the split. */
  images: number;
  normalization: ChannelNormalization;
  testAugmentation: TestAugmentation;
  /** ema: the averages are used of all weights and running statistics that change in the training. */
  weights: 'model' | 'ema';
  /**
   * Whether to count label against prediction in `confusion`, and labels among the largest logits in `topHits` where
   * there are more classes than `topCount`; and to keep the logits of the step in `logits`.
   */
  confusion: boolean;
  /** Whether the passes rewrite the program; true where absent. */
  passes?: boolean;
}

/** Of so many guesses one may be right for an image to count in `topHits`. */
export const topCount = 5;

/** One step of validation or test. Fed each step: `indices` [batch]. Adds the step to `totals/evaluate`. */
export function buildEvaluateProgram(options: EvaluateProgramOptions): Program {
  const { model, batchSize, confusion, weights } = options;
  const builder = new ProgramBuilder('evaluate');
  const network = new Network(builder, model, 'inference', weights);
  const labels = gatherLabels(network, options);
  const logits = testLogits(network, options);
  const loss = builder.transient('loss', []);
  const hits = builder.transient('hits', []);
  builder.emit({
    kind: 'softmaxCrossEntropy',
    in: { logits, labels, mixing: null },
    out: { loss, hits, dlogits: null },
    labelSmoothing: 0,
    classWeights: null,
  });
  const totals = builder.persistent(slotNames.totals('evaluate'), [3], 'f32', { type: 'zeros' });
  builder.emit({ kind: 'accumulate', in: { loss, hits }, update: { totals }, count: batchSize });
  if (confusion) {
    const shape = [model.classes, model.classes];
    const counts = builder.persistent(slotNames.confusion, shape, 'i32', { type: 'zeros' });
    builder.emit({ kind: 'confusion', in: { logits, labels }, update: { counts } });
    const kept = builder.persistent(slotNames.logits(batchSize), [batchSize, model.classes], 'f32', null);
    builder.emit({ kind: 'scale', in: { x: logits }, out: { y: kept }, factor: 1 });
  }
  if (confusion && model.classes > topCount) {
    const count = builder.persistent(slotNames.topHits, [], 'i32', { type: 'zeros' });
    builder.emit({ kind: 'topHits', in: { logits, labels }, update: { count }, k: topCount });
  }
  const program = builder.finish();
  return options.passes === false ? program : optimize(program);
}
