import {
  completeSweepSpecSchema,
  type JobSpec,
  type ObjectiveMetric,
  type SweepSpec,
  stopperSchema,
  type sweepSpecSchema,
} from '@trainyard/contracts';
import { isKnownEarly } from './stopperRules.js';

type Parsed = ReturnType<typeof sweepSpecSchema.parse>;

/**
 * A sweep with everything that is chosen for the user. All trials have the same seed, so that they differ in what the
 * space varies alone, and the dataset of the day on which the sweep was started.
 * @param specs complete specs of points
 */
export function complete(parsed: Parsed, specs: readonly JobSpec[]): SweepSpec {
  const seed = parsed.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const [first] = parsed.objectives;
  const varies = (field: string) => Object.keys(parsed.space).some((path) => path.split('.')[0] === field);
  const spec: Record<string, unknown> = { seed, ...parsed.spec };
  const set = specs[0]?.dataset;
  if (set && !varies('dataset')) spec.dataset = withVersion(parsed.spec.dataset, set);
  const byDefault = !first || !isKnownEarly(first) || varies('epochs') ? 'none' : 'asha';
  return completeSweepSpecSchema.parse({
    ...parsed,
    spec,
    seed,
    objectives: parsed.objectives.map((objective) => ({
      ...objective,
      direction: objective.direction ?? directions[objective.metric],
    })),
    stopper: parsed.stopper ?? stopperSchema.parse(byDefault),
  });
}

const directions: Record<ObjectiveMetric, 'minimize' | 'maximize'> = {
  validationLoss: 'minimize',
  validationAccuracy: 'maximize',
  recall: 'maximize',
  trainingSeconds: 'minimize',
  parameters: 'minimize',
};

const withVersion = (sent: unknown, { name, version }: JobSpec['dataset']): unknown =>
  typeof sent === 'object' && sent !== null ? { ...sent, version } : { name, version };
