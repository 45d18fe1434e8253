import type { Model } from '@trainyard/architectures';
import { activationBytes, maxActivationBytes } from '../sizes.js';

type Input = Record<string, unknown>;

/**
 * Halves the batch of a recipe, which is made for images of the usual size, until a step on larger images fits the
 * memory that a step may use; the learning rate is halved with it. Values that the user sent stay as they are.
 * @param input the spec with the fields of its recipe
 */
export function fitBatch(sent: Input, input: Input, model: Model): { input: Input; chosen: string[] } {
  const { batchSize, learningRate } = input;
  if (sent.batchSize !== undefined || typeof batchSize !== 'number') return { input, chosen: [] };
  let fitting = batchSize;
  while (fitting % 2 === 0 && activationBytes(model, fitting) > maxActivationBytes) fitting /= 2;
  if (fitting === batchSize) return { input, chosen: [] };
  const changes: Input = { batchSize: fitting };
  if (sent.learningRate === undefined && typeof learningRate === 'number')
    changes.learningRate = (learningRate * fitting) / batchSize;
  const [height, width] = model.inputShape;
  const rate = changes.learningRate === undefined ? '' : ` and learning rate ${changes.learningRate}`;
  const step = `a step of ${batchSize} images of ${width}x${height}`;
  const chosen = [`${step} would need too much memory: batch ${fitting}${rate}`];
  return { input: { ...input, ...changes }, chosen };
}
