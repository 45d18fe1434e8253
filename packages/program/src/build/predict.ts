import type { Model } from '@trainyard/architectures';
import { optimize } from '../passes/optimize.js';
import type { Program } from '../program.js';
import { type Split, slotNames } from '../slots.js';
import { ProgramBuilder } from './builder.js';
import type { ChannelNormalization } from './data.js';
import { type TestAugmentation, testLogits } from './logits.js';
import { Network } from './network.js';

export interface PredictProgramOptions {
  model: Model;
  batchSize: number;
  split: Split;
  /** Number of images of the split. */
  images: number;
  normalization: ChannelNormalization;
  testAugmentation: TestAugmentation;
  /** As for an evaluation; model where absent. */
  weights?: 'model' | 'ema';
  /** Whether the passes rewrite the program; true where absent. */
  passes?: boolean;
}

/** One batch of predictions. Fed each step: `indices` [batch]. Writes `probabilities` f32 [batch, classes]. */
export function buildPredictProgram(options: PredictProgramOptions): Program {
  const { model, batchSize, weights = 'model' } = options;
  const builder = new ProgramBuilder('predict');
  const network = new Network(builder, model, 'inference', weights);
  const logits = testLogits(network, options);
  const probabilities = builder.persistent(slotNames.probabilities, [batchSize, model.classes], 'f32', null);
  builder.emit({ kind: 'softmax', in: { x: logits }, out: { y: probabilities } });
  const program = builder.finish();
  return options.passes === false ? program : optimize(program);
}
