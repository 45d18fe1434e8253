import type { Curve, CurvesQuery } from '@trainyard/contracts';
import type { CurveRow } from '@trainyard/db';

/** The curves in the order of the jobs; a job without epochs has an empty one. */
export function curvesOf(ids: readonly string[], axis: CurvesQuery['axis'], rows: readonly CurveRow[]): Curve[] {
  const byJob = new Map(ids.map((id): [string, CurveRow[]] => [id, []]));
  for (const row of rows) byJob.get(row.jobId)?.push(row);
  return [...byJob].map(([jobId, ofJob]) => ({
    jobId,
    points: ofJob.map(({ jobId: _, steps, seconds, ...row }) => ({
      x: { epoch: row.epoch, step: steps, seconds }[axis],
      ...row,
    })),
  }));
}
