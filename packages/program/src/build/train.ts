import type { Model } from '@trainyard/architectures';
import type { Augmentation, JobSpec, Optimizer } from '@trainyard/contracts';
import { optimize } from '../passes/optimize.js';
import type { Program } from '../program.js';
import { slotNames } from '../slots.js';
import { ProgramBuilder } from './builder.js';
import { type ChannelNormalization, gatherImages, gatherLabels, mixes, mixImages } from './data.js';
import { forward } from './layers/forward.js';
import { Network } from './network.js';
import { averageWeight, lookAhead, updateWeight } from './update.js';

export interface TrainProgramOptions {
  model: Model;
  batchSize: number;
  /** Number of images of the dataset's train split (including those reserved for validation). */
  images: number;
  normalization: ChannelNormalization;
  optimizer: Optimizer;
  loss: Pick<JobSpec['loss'], 'labelSmoothing'>;
  /** Factor of each class in the loss; null or absent: 1. */
  classWeights?: readonly number[] | null;
  augmentation: Augmentation;
  /** Whether the weights and running statistics are averaged over the steps. */
  ema: boolean;
  lookahead: JobSpec['lookahead'];
  seed: number;
  /** Whether the passes rewrite the program; true where absent. */
  passes?: boolean;
}

/**
 * One training step: gather and augment a batch, forward, loss, backward, update every weight, count. Fed each step:
 * `indices` [batch], `step`, the rate of each of `parameterGroups` and, where they are used, `epoch`, `lookahead`,
 * `averaging` and `mixing`.
 * Adds the step to `totals/train`.
 */
export function buildTrainProgram(options: TrainProgramOptions): Program {
  const { model, batchSize, optimizer, ema, lookahead, seed, loss } = options;
  const builder = new ProgramBuilder('train');
  const network = new Network(builder, model, 'train', 'model', seed);
  for (const weight of model.weights) network.weight(weight);
  builder.feed(slotNames.learningRate, [], 'f32');
  network.step();

  const source = { ...options, split: 'train' as const, view: null };
  const gathered = gatherImages(network, source);
  const mixing = mixes(options.augmentation) ? builder.feed(slotNames.mixing, [6], 'f32') : null;
  const images = mixing === null ? gathered : mixImages(network, gathered, mixing);
  const labels = gatherLabels(network, source);

  const { y, backward } = forward(network, model.layers, images);
  const meanLoss = builder.transient('loss', []);
  const hits = builder.transient('hits', []);
  const dlogits = y.needsGradient ? builder.transient('dlogits', y.shape) : null;
  builder.emit({
    kind: 'softmaxCrossEntropy',
    in: { logits: y.slot, labels, mixing },
    out: { loss: meanLoss, hits, dlogits },
    labelSmoothing: loss.labelSmoothing,
    classWeights: options.classWeights ?? null,
  });
  if (dlogits !== null) backward(dlogits);

  for (const weight of model.weights) {
    const gradient = network.gradients.get(weight.name);
    if (gradient === undefined) continue;
    updateWeight(network, weight, gradient, optimizer);
  }
  for (const weight of model.weights) {
    if (weight.epochs === 0) continue;
    if (lookahead) lookAhead(network, weight);
    if (ema) averageWeight(network, weight);
  }
  const totals = builder.persistent(slotNames.totals('train'), [3], 'f32', { type: 'zeros' });
  builder.emit({ kind: 'accumulate', in: { loss: meanLoss, hits }, update: { totals }, count: batchSize });
  const program = builder.finish();
  return options.passes === false ? program : optimize(program);
}
