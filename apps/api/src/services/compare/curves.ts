import { type Curve, type CurvesQuery, NotFoundError } from '@trainyard/contracts';
import type { CurveRow } from '@trainyard/db';

/**
 * The curves in the order of the jobs; a job without epochs has an empty one.
 * @throws NotFoundError for a job that has no row
 */
export function curvesOf(ids: readonly string[], axis: CurvesQuery['axis'], rows: readonly CurveRow[]): Curve[] {
  const byJob = new Map(rows.map((row) => [row.jobId, row]));
  return ids.map((jobId) => {
    const row = byJob.get(jobId);
    if (!row) throw new NotFoundError(`job ${jobId}`);
    return { jobId, points: row.epochs.map((epoch) => pointOf(epoch, axis, row.stepsPerEpoch)) };
  });
}

function pointOf(values: CurveRow['epochs'][number], axis: CurvesQuery['axis'], stepsPerEpoch: number | null) {
  const [epoch, seconds, trainLoss, trainAccuracy, validationLoss, validationAccuracy, best] = values;
  const step = stepsPerEpoch === null ? null : epoch * stepsPerEpoch;
  const x = { epoch, step, seconds }[axis];
  return { x, epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy, best };
}
