import type { Fault, JobSpec, Objective, SearchSpace, Stopper } from '@trainyard/contracts';

/** Whether a metric is known after each epoch. */
export const isKnownEarly = ({ metric }: Pick<Objective, 'metric'>): boolean =>
  metric === 'validationLoss' || metric === 'validationAccuracy';

/** @param stopper null: it is chosen so that no rule is broken */
export function* stopperRules(
  stopper: Stopper | null,
  objective: Objective | undefined,
  space: SearchSpace,
  specs: readonly JobSpec[],
): Generator<Fault> {
  if (stopper === null || stopper.type === 'none') return;
  if (objective && !isKnownEarly(objective))
    yield {
      pointer: '/stopper',
      detail:
        `${stopper.type} compares trials after each epoch, but ${objective.metric} is known at their end; ` +
        'use the stopper none, or have validationLoss or validationAccuracy as the first objective',
    };
  if (stopper.type !== 'asha') return;
  if ('epochs' in space)
    yield {
      pointer: '/space/epochs',
      detail: 'asha decides how many epochs a trial has; leave it out, or use the stopper none or median',
    };
  const epochs = Math.min(...specs.map((spec) => spec.epochs));
  if (stopper.topRung !== null && stopper.topRung > epochs)
    yield { pointer: '/stopper/topRung', detail: `${stopper.topRung} is more than the ${epochs} epochs of the spec` };
  if (stopper.topRung !== null && stopper.firstRung > stopper.topRung)
    yield {
      pointer: '/stopper/firstRung',
      detail: `${stopper.firstRung} is more than the top rung, which is ${stopper.topRung}`,
    };
  else if (stopper.firstRung > epochs)
    yield {
      pointer: '/stopper/firstRung',
      detail: `${stopper.firstRung} is more than the ${epochs} epochs of the spec`,
    };
}
