import { flattenLayers } from '@trainyard/architectures';
import { TrainingFailure } from '@trainyard/contracts';
import { slotNames } from '@trainyard/program';
import { readWeights, savedSlot, stateSlots, type Weights } from '../checkpoints/slots.js';
import type { TrainingRun } from './trainingRun.js';

/*
 * A run whose weights, running statistics or averages are no longer finite has diverged, also where its loss is still
 * finite, and none of its later weights is of use: it fails before they are written or reported. The moments of the
 * optimizer may be infinite: Adam only makes smaller steps then, as in PyTorch.
 */

/** @throws TrainingFailure where `loss` is not a finite number; it names the first layer that is not finite either. */
export async function requireFiniteLoss(run: TrainingRun, what: string, loss: number): Promise<void> {
  if (Number.isFinite(loss)) return;
  const first = (await firstInWeights(run, null)) ?? 'though every weight is still finite';
  throw diverged(run, `the ${what} of epoch ${run.state.position.epoch + 1} is not a finite number`, first);
}

/**
 * The weights as a checkpoint has them.
 * @throws TrainingFailure where a weight, a running statistic or an average is not finite; it names the first layer
 */
export async function readFiniteWeights(run: TrainingRun): Promise<Weights> {
  const { session, program, plan } = run;
  const weights = await readWeights(session, program, plan.model);
  const first = await firstInWeights(run, weights);
  if (first === null) return weights;
  const { epoch, step } = run.state.position;
  const within = step < plan.span.stepsPerEpoch ? `step ${step} of ` : '';
  throw diverged(run, `the network is not finite after ${within}epoch ${epoch + 1}`, first);
}

export const isDivergence = (error: unknown): error is TrainingFailure =>
  error instanceof TrainingFailure && error.code === 'diverged';

function diverged({ plan }: TrainingRun, problem: string, first: string): TrainingFailure {
  return new TrainingFailure(
    'diverged',
    `${problem}, ${first}: the weights have diverged; use a learningRate lower than ${plan.spec.learningRate} (for ` +
      'example a tenth of it), or a schedule with warmupEpochs',
  );
}

/** The first weight, in the order of the layers, of which a value is not finite, in words; null: all are finite. */
async function firstInWeights(run: TrainingRun, read: Weights | null): Promise<string | null> {
  const { session, program, plan } = run;
  const slots = new Set(stateSlots(program).map(({ name }) => name));
  const known = new Map(read?.map(({ name, data }) => [savedSlot(program, name), data]));
  for (const { name } of plan.model.weights)
    for (const slot of [name, slotNames.ema(name), slotNames.slow(name)])
      if (slots.has(slot) && !allFinite(known.get(slot) ?? (await session.read(slot))))
        return `first ${inWords(run, name)}`;
  return null;
}

/** e.g. `the kernel of conv2d_1 (architecture/layers/0)` */
function inWords({ plan }: TrainingRun, weight: string): string {
  const layer = flattenLayers(plan.model.layers).find(({ weights }) => weights.some(({ name }) => name === weight));
  const [, kind = weight] = weight.split('/');
  return `the ${kind} of ${layer?.name ?? weight} (${layer?.pointer.slice(1) ?? 'architecture'})`;
}

/** Zero times a value is NaN exactly where the value is not finite; a sum is faster than a check of each. */
function allFinite(values: ArrayLike<number>): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] as number);
  return sum === 0;
}
