import { type CostsAnswer, type CostsBody, InvalidInputError, type JobCost } from '@trainyard/contracts';
import type { JobPredictions, Project } from '@trainyard/db';
import { findJob } from '#services/findJob.js';
import { meanInterval, type Spread } from './statistics.js';

/** Ranks the tested checkpoints of jobs by the mean cost of a test image. @throws NotFoundError, InvalidInputError */
export async function rankByCost(project: Project, { jobs: ids, costs }: CostsBody): Promise<CostsAnswer> {
  let dataset: CostsAnswer['dataset'] = null;
  let testSet: string | null = null;
  const rows: JobCost[] = [];
  for (const id of ids) {
    const job = await findJob(project, id);
    const predictions = job.test && (await project.predictions.find(id));
    if (predictions && testSet === null) {
      testSet = predictions.arrays.datasetDigest;
      dataset = { name: job.dataset, version: job.datasetVersion, classes: [...predictions.classes] };
      requireClasses(costs, predictions.classes);
    }
    const common = {
      rank: null,
      jobId: id,
      name: job.name,
      architecture: job.architecture,
      epoch: job.source?.epoch ?? job.best?.epoch ?? null,
      testAccuracy: job.test?.accuracy ?? null,
    };
    const without = (reason: string): JobCost => ({ ...common, meanCost: null, interval: null, reason });
    if (!job.test) rows.push(without('it was not tested'));
    else if (!predictions) rows.push(without('no predictions of it are kept'));
    else if (predictions.arrays.datasetDigest !== testSet) rows.push(without('it was tested on other images'));
    else rows.push({ ...common, ...costOf(predictions, costs), reason: null });
  }
  return { data: ranked(rows), dataset };
}

function requireClasses(costs: readonly number[][], classes: readonly string[]): void {
  if (costs.length === classes.length) return;
  const detail = `must have ${classes.length} rows and columns, one a class: ${classes.join(', ').slice(0, 500)}`;
  throw new InvalidInputError('the costs do not fit the classes of the dataset', [{ pointer: '/costs', detail }]);
}

/** Mean cost of the test images, from the numbers of images of each pair of classes. */
function costOf({ arrays, classes }: JobPredictions, costs: readonly number[][]) {
  const counts = new Float64Array(classes.length ** 2);
  arrays.labels.forEach((label, i) => {
    const cell = label * classes.length + Number(arrays.predicted[i]);
    counts[cell] = Number(counts[cell]) + 1;
  });
  const spread = spreadOfCounts(counts, costs.flat());
  return { meanCost: spread.mean, interval: meanInterval(spread, arrays.labels.length) };
}

/** Mean and standard deviation of values that occur so many times. */
function spreadOfCounts(counts: Float64Array, values: readonly number[]): Spread {
  const total = counts.reduce((a, b) => a + b, 0);
  const mean = counts.reduce((sum, count, i) => sum + count * Number(values[i]), 0) / total;
  const squares = counts.reduce((sum, count, i) => sum + count * (Number(values[i]) - mean) ** 2, 0);
  return { mean, standardDeviation: total > 1 ? Math.sqrt(squares / (total - 1)) : null };
}

/** Jobs of equal cost share a rank. */
function ranked(rows: readonly JobCost[]): JobCost[] {
  const withCost = rows
    .filter((row): row is JobCost & { meanCost: number } => row.meanCost !== null)
    .sort((a, b) => a.meanCost - b.meanCost);
  const rankOf = (cost: number) => 1 + withCost.filter(({ meanCost }) => meanCost < cost).length;
  return [
    ...withCost.map((row) => ({ ...row, rank: rankOf(row.meanCost) })),
    ...rows.filter(({ meanCost }) => meanCost === null),
  ];
}
