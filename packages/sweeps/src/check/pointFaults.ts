import {
  type Dataset,
  type DatasetChoice,
  type Fault,
  type JobSpec,
  type Point,
  toPointer,
} from '@trainyard/contracts';
import { checkSpec } from '@trainyard/spec';
import { applyPoint } from '../space/applyPoint.js';

export type FindDataset = (choice: DatasetChoice) => Dataset | null;

export interface PointsChecked {
  faults: Fault[];
  /** The complete spec of each point that has no fault. */
  specs: JobSpec[];
}

/** What is wrong in how many points, and one of them. */
interface Group {
  fault: Fault;
  point: Point;
  count: number;
}

/**
 * Checks the job spec of each point. Faults that differ in their numbers alone are one, which says in how many points
 * it is and names one of them. The fault of a field that the space varies points there, any other to the base spec.
 */
export function pointFaults(
  base: Record<string, unknown>,
  points: readonly Point[],
  dataset: FindDataset,
): PointsChecked {
  const complete = checkSpec(base, dataset).spec;
  const groups = new Map<string, Group>();
  const specs: JobSpec[] = [];
  for (const point of points) {
    const { spec, faults } = checkSpec(applyPoint(base, point, complete), dataset);
    if (spec) specs.push(spec);
    for (const fault of faults) {
      const pointer = pointerOf(fault, point);
      const key = `${pointer} ${fault.detail.replaceAll(/\d[\d.,e+-]*/g, '#')}`;
      const group = groups.get(key);
      if (group) group.count += 1;
      else groups.set(key, { fault: { ...fault, pointer }, point, count: 1 });
    }
  }
  return { specs, faults: [...groups.values()].map((group) => faultOf(group, points.length)) };
}

/** Where in the sweep the faulty field comes from. */
function pointerOf({ pointer }: Fault, point: Point): string {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  const varied = Object.keys(point).map((path) => ({ path, place: toPointer('', path.split('.')) }));
  // The longest first: of `optimizer` and `optimizer.momentum`, the second sets the momentum.
  const [owner] = varied
    .filter(({ place }) => within(pointer, place) || within(place, pointer))
    .sort((a, b) => b.place.length - a.place.length);
  return owner ? toPointer('/space', [owner.path]) : `/spec${pointer}`;
}

function faultOf({ fault, point, count }: Group, checked: number): Fault {
  if (count === checked) return fault;
  const example = Object.entries(point).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
  const { pointer, detail } = fault;
  return { pointer, detail: `${detail} (in ${count} of ${checked} points checked, one of them ${example.join(', ')})` };
}
