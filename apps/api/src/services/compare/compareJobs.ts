import type { CompareQuery, Comparison, Job } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { findJob } from '#services/findJob.js';
import { perClass } from './classes.js';
import { curvesOf } from './curves.js';
import { hitsOf } from './hits.js';
import { leaderboardOf } from './leaderboard.js';
import { comparePairs, type TestedRun } from './pairs.js';
import { seedGroupOf, seedGroups } from './seeds.js';
import { specDifferences } from './specs.js';
import { wilsonInterval } from './statistics.js';

/** @throws NotFoundError for a job that is not there */
export async function compareJobs(project: Project, { jobs: ids, axis, points }: CompareQuery): Promise<Comparison> {
  const jobs = await Promise.all(ids.map((id) => findJob(project, id)));
  const runs = await testedRuns(project, jobs);
  const pairs = comparePairs(runs);
  return {
    jobs: jobs.map(comparedJob),
    axis,
    curves: curvesOf(ids, axis, await project.metrics.curves(ids, points)),
    pairs,
    leaderboard: leaderboardOf(jobs, pairs),
    classes: perClass(ids, await project.results.classesOf(ids)),
    specDifferences: specDifferences(jobs.map(({ spec }) => spec)),
    seeds: seedGroups(jobs),
  };
}

/** One after another, as the predictions of a large test split need megabytes, and their hits a bit an image. */
async function testedRuns(project: Project, jobs: readonly Job[]): Promise<TestedRun[]> {
  const runs: TestedRun[] = [];
  for (const job of jobs) {
    const { id: jobId, test } = job;
    const arrays = test && (await project.predictions.find(jobId))?.arrays;
    const predicted = arrays && { testSet: arrays.datasetDigest, hits: hitsOf(arrays.labels, arrays.predicted) };
    runs.push({
      jobId,
      training: job.source?.jobId ?? jobId,
      seedGroup: seedGroupOf(job),
      accuracy: test?.accuracy ?? null,
      predicted: predicted ?? null,
    });
  }
  return runs;
}

const comparedJob = ({ id: jobId, test, spec, best, source, ...job }: Job): Comparison['jobs'][number] => ({
  jobId,
  name: job.name,
  kind: job.kind,
  experiment: job.experiment,
  architecture: job.architecture,
  state: job.state,
  dataset: job.dataset,
  datasetVersion: job.datasetVersion,
  seed: spec.seed,
  parameters: job.parameters,
  trainingSeconds: job.trainingSeconds,
  bestEpoch: source?.epoch ?? best?.epoch ?? null,
  testAccuracy: test?.accuracy ?? null,
  correct: test?.correct ?? null,
  total: test?.total ?? null,
  testAccuracyInterval: test ? wilsonInterval(test.correct, test.total) : null,
  testLoss: test?.loss ?? null,
  partial: test?.partial ?? null,
});
