import {
  type Dataset,
  type Fault,
  faultsOf,
  type JobSpec,
  objectiveSchema,
  parameterSchema,
  type SearchSpace,
  type SweepSpec,
  samplerSchema,
  stopperSchema,
  sweepSpecSchema,
} from '@trainyard/contracts';
import { checkSpec } from '@trainyard/spec';
import { dimensionsOf } from '../space/dimensions.js';
import { checkedPoints } from './checkedPoints.js';
import { complete } from './complete.js';
import { objectiveRules } from './objectiveRules.js';
import { type FindDataset, pointFaults } from './pointFaults.js';
import { spaceRules } from './spaceRules.js';
import { stopperRules } from './stopperRules.js';

/** `sweep` is null if there are faults. */
export interface CheckedSweep {
  sweep: SweepSpec | null;
  /** Complete specs of the points that were checked. */
  specs: JobSpec[];
  faults: Fault[];
}

/**
 * Checks a sweep as a user sent it, and lists every fault at once: unknown keys, a space that is empty or too large, a
 * field that no spec has, points that are no valid spec (`checkedPoints` says which are checked), an objective that no
 * trial has. Without faults `sweep` is complete: seed drawn, stopper and directions chosen, version of the dataset
 * resolved.
 * @param dataset returns null where there is no such dataset
 */
export function checkSweep(sent: unknown, dataset: FindDataset): CheckedSweep {
  const parsed = sweepSpecSchema.safeParse(sent);
  const faults = parsed.success ? [] : faultsOf(sweepSpecSchema, sent, { synonyms });
  if (!isRecord(sent)) return { sweep: null, specs: [], faults };
  const sampler = samplerSchema.safeParse(sent.sampler ?? 'tpe');
  const isGrid = sampler.success && sampler.data.type === 'grid';
  const base = isRecord(sent.spec) ? sent.spec : {};
  const space = usableSpace(sent.space);
  const ofSpace = isRecord(sent.space) ? [...spaceRules(space, isGrid)] : [];
  faults.push(...ofSpace);
  const isSound = ofSpace.length === 0 && Object.keys(space).length > 0;
  const points = isSound ? checkedPoints(dimensionsOf(space), isGrid) : [];
  const checked = isSound
    ? pointFaults(base, points, dataset)
    : { faults: baseFaults(base, space, dataset), specs: [] };
  if (isRecord(sent.spec)) faults.push(...checked.faults);
  const objectives =
    objectiveSchema.array().safeParse(sent.objectives ?? [{ metric: 'validationAccuracy' }]).data ?? [];
  const sets = datasetsOf(checked.specs, dataset);
  faults.push(...objectiveRules(objectives, sets));
  const stopper = stopperSchema.nullable().safeParse(sent.stopper ?? null).data ?? null;
  faults.push(...stopperRules(stopper, objectives[0], space, checked.specs));
  if (!parsed.success || faults.length > 0) return { sweep: null, specs: checked.specs, faults };
  return { sweep: complete(parsed.data, checked.specs), specs: checked.specs, faults };
}

/** Names that other tools have for the keys of a sweep, in lower case without separators. */
const synonyms = {
  base: 'spec',
  job: 'spec',
  parameters: 'space',
  params: 'space',
  searchspace: 'space',
  objective: 'objectives',
  metric: 'objectives',
  method: 'sampler',
  strategy: 'sampler',
  scheduler: 'stopper',
  pruner: 'stopper',
  earlytermination: 'stopper',
  workers: 'parallelism',
  concurrency: 'parallelism',
  randomseed: 'seed',
  low: 'min',
  high: 'max',
} satisfies Record<string, string>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parameters that have no faults by themselves. */
function usableSpace(sent: unknown): SearchSpace {
  const space: SearchSpace = {};
  if (!isRecord(sent)) return space;
  for (const [path, parameter] of Object.entries(sent)) {
    const parsed = parameterSchema.safeParse(parameter);
    if (parsed.success) Object.defineProperty(space, path, { value: parsed.data, enumerable: true });
  }
  return space;
}

/** Where the space has faults, those of the base spec are found without it. */
function baseFaults(base: Record<string, unknown>, space: SearchSpace, dataset: FindDataset): Fault[] {
  const varied = Object.keys(space).map((path) => path.split('.')[0]);
  return checkSpec(base, dataset)
    .faults.filter(({ pointer }) => !varied.includes(pointer.split('/')[1]))
    .map(({ pointer, detail }) => ({ pointer: `/spec${pointer}`, detail }));
}

function datasetsOf(specs: readonly JobSpec[], dataset: FindDataset): Dataset[] {
  const found = new Map<string, Dataset | null>();
  for (const spec of specs) {
    const key = `${spec.dataset.name} ${spec.dataset.version}`;
    if (!found.has(key)) found.set(key, dataset(spec.dataset));
  }
  return [...found.values()].filter((set) => set !== null);
}
