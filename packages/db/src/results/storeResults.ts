import { checkpointManifestSchema, type TestResults, type TrainerTest } from '@trainyard/contracts';
import { z } from 'zod';
import { trainingSeconds } from '../jobs/selectJobs.js';
import { type Connection, parseRow } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { storePredictions } from './predictions/storePredictions.js';

/** The job that was tested. */
type TestedJob = { id: string; spec: { dataset: { name: string; version: number | null } } };

const testedJobSchema = z.object({
  project: z.string(),
  architecture: z.string(),
  experiment: z.string(),
  trainingSeconds: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
});

/**
 * Stores a job's test with its classes, confusions and predictions, and the columns by which the history filters and
 * sorts; in place of the partial one that it may have, where an older version of the service let the job be retried.
 */
export async function storeResults(
  tx: Connection,
  { id: jobId, spec: { dataset } }: TestedJob,
  finishedAt: Date,
  { classes, confusion, last, predictions = null, ...overall }: TrainerTest,
): Promise<void> {
  const [job] = await tx.query(
    testedJobSchema,
    sql`
    SELECT project, architecture, experiment, ${trainingSeconds} AS "trainingSeconds",
      coalesce(epochs.validation_loss, (source ->> 'validationLoss')::float8) AS "validationLoss",
      coalesce(epochs.validation_accuracy, (source ->> 'validationAccuracy')::float8) AS "validationAccuracy"
    FROM jobs LEFT JOIN epoch_metrics AS epochs ON epochs.job_id = jobs.id AND epochs.epoch = ${overall.epoch}::int
    WHERE jobs.id = ${jobId} AND (source IS NOT NULL OR epochs.epoch IS NOT NULL)`,
  );
  if (!job) throw new Error(`the locked job ${jobId} has no epoch ${overall.epoch}`);
  const datasetVersion = dataset.version ?? (await trainedVersion(tx, jobId));
  await tx.prisma.testResults.deleteMany({ where: { jobId } });
  await tx.prisma.testResults.create({
    data: { jobId, ...overall, ...columnsOf(last), ...job, dataset: dataset.name, datasetVersion, finishedAt },
  });
  const rows = classes.map(({ class: name, ...result }, classIndex) => ({ jobId, classIndex, name, ...result }));
  await tx.prisma.classResult.createMany({ data: rows });
  await tx.prisma.confusionCount.createMany({ data: confusions(jobId, confusion) });
  if (predictions !== null) await storePredictions(tx, jobId, predictions);
}

const columnsOf = (last: TestResults['last']) =>
  last && {
    lastEpoch: last.epoch,
    lastLoss: last.loss,
    lastAccuracy: last.accuracy,
    lastAccuracyAugmented: last.accuracyAugmented,
    lastCorrect: last.correct,
  };

const confusions = (jobId: string, confusion: number[][]) =>
  confusion.flatMap((line, actual) =>
    line.flatMap((count, predicted) => (count > 0 ? [{ jobId, actual, predicted, count }] : [])),
  );

const manifestRowSchema = z.object({ manifest: checkpointManifestSchema.pick({ dataset: true }) });

/** The dataset version of a job whose spec names none: the manifest of its newest checkpoint does. */
async function trainedVersion(tx: Connection, jobId: string): Promise<number> {
  const newest = await tx.prisma.checkpoint.findFirst({ where: { jobId, last: true }, select: { manifest: true } });
  return newest === null ? 1 : parseRow(manifestRowSchema, newest).manifest.dataset.version;
}
