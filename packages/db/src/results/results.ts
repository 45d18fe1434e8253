import type { CheckpointManifest, JobSpec, Page, ResultRow, ResultsQuery, TestResults } from '@trainyard/contracts';
import { type HistoryRow, resultsRelations, toResultRow, toTestResults } from '../jobs/rows.js';
import { trainingSeconds } from '../jobs/selectJobs.js';
import { type Client, join, type ReadRows, type Sql, sql, type Transaction } from '../postgres/client.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import { checkStorable } from '../postgres/storable.js';

/** Stores the test of a job, with its classes and confusions, and what the history is filtered and sorted by. */
export async function storeResults(
  tx: Transaction,
  { id: jobId, spec }: { id: string; spec: JobSpec },
  finishedAt: Date,
  { classes, confusion, ...overall }: TestResults,
): Promise<void> {
  const [job] = await tx.$queryRaw<
    [{ project: string; architecture: string; experiment: string; trainingSeconds: number }]
  >`
    SELECT project, architecture, experiment, ${trainingSeconds} AS "trainingSeconds" FROM jobs WHERE id = ${jobId}`;
  const datasetVersion = spec.dataset.version ?? (await trainedVersion(tx, jobId));
  await tx.testResults.create({
    data: { jobId, ...overall, ...job, dataset: spec.dataset.name, datasetVersion, finishedAt },
  });
  const rows = classes.map(({ class: name, ...result }, classIndex) => ({ jobId, classIndex, name, ...result }));
  await tx.classResult.createMany({ data: rows });
  await tx.confusionCount.createMany({ data: confusions(jobId, confusion) });
}

const confusions = (jobId: string, confusion: number[][]) =>
  confusion.flatMap((line, actual) =>
    line.flatMap((count, predicted) => (count > 0 ? [{ jobId, actual, predicted, count }] : [])),
  );

/** A spec that names no version was trained on the one that its checkpoints tell. */
async function trainedVersion(tx: Transaction, jobId: string): Promise<number> {
  const newest = await tx.checkpoint.findFirst({ where: { jobId, last: true }, select: { manifest: true } });
  return (newest?.manifest as CheckpointManifest | undefined)?.dataset.version ?? 1;
}

async function find(client: Client, project: string, jobId: string): Promise<TestResults | null> {
  const row = await client.testResults.findUnique({ where: { jobId, project }, include: resultsRelations });
  return row && toTestResults(row);
}

/** The project's tested jobs that the query asks for, a page at a time. */
async function history(read: ReadRows, project: string, query: ResultsQuery): Promise<Page<ResultRow>> {
  checkStorable(query);
  const rows = await read<HistoryRow>(historyStatement(project, query));
  const page = toPage(rows, query.limit, query.sort, (row) => row);
  return { data: page.data.map(toResultRow), nextCursor: page.nextCursor };
}

const sortColumns = { finishedAt: sql`finished_at`, accuracy: sql`accuracy`, trainingSeconds: sql`training_seconds` };

/** Which jobs are on a page, with one to spare; equal sort keys are told apart by the job's id. */
export function historyKeysStatement(project: string, query: ResultsQuery): Sql {
  const descending = query.sort.startsWith('-');
  const name = query.sort.replace('-', '') as keyof typeof sortColumns;
  const column = sortColumns[name];
  const direction = directionOf(query);
  const conditions = [sql`project = ${project}`, ...historyFilters(query)];
  if (query.cursor !== undefined) {
    const { value, id } = decodeCursor(query.sort, query.cursor);
    const key = name === 'finishedAt' ? sql`${value}::timestamptz` : sql`${value}::float8`;
    conditions.push(
      descending ? sql`(${column}, job_id) < (${key}, ${id})` : sql`(${column}, job_id) > (${key}, ${id})`,
    );
  }
  return sql`
    SELECT job_id AS id, ${column} AS value FROM test_results WHERE ${join(conditions, ' AND ')}
    ORDER BY ${column} ${direction}, job_id ${direction} LIMIT ${query.limit + 1}::int`;
}

/**
 * The rows of a page. Each is one JSON value, named as the answer names it: that costs a fraction of what columns do on their
 * way through Prisma.
 */
const historyStatement = (project: string, query: ResultsQuery): Sql => sql`
  WITH page AS MATERIALIZED (${historyKeysStatement(project, query)})
  SELECT page.id, page.value, tested.finished_at AS "finishedAt", jsonb_build_object(
      'jobId', page.id, 'name', jobs.name, 'experiment', tested.experiment, 'dataset', tested.dataset,
      'datasetVersion', tested.dataset_version, 'architecture', tested.architecture, 'parameters', jobs.parameters,
      'learningRate', spec -> 'learningRate', 'batchSize', spec -> 'batchSize', 'epochs', spec -> 'epochs',
      'optimizer', spec #> '{optimizer,type}', 'seed', spec -> 'seed', 'bestEpoch', tested.epoch,
      'validationLoss', best.validation_loss, 'validationAccuracy', best.validation_accuracy, 'testLoss', tested.loss,
      'testAccuracy', tested.accuracy, 'trainingSeconds', tested.training_seconds, 'executor', (
        SELECT executor -> 'name' FROM attempts WHERE job_id = page.id ORDER BY number DESC LIMIT 1
      )) AS row
  FROM page JOIN test_results AS tested ON tested.job_id = page.id JOIN jobs ON jobs.id = page.id
    JOIN epoch_metrics AS best ON best.job_id = page.id AND best.epoch = tested.epoch
  ORDER BY page.value ${directionOf(query)}, page.id ${directionOf(query)}`;

const directionOf = ({ sort }: ResultsQuery): Sql => (sort.startsWith('-') ? sql`DESC` : sql`ASC`);

function historyFilters(query: ResultsQuery): Sql[] {
  const filters: Sql[] = [];
  if (query.dataset !== undefined) filters.push(sql`dataset = ${query.dataset}`);
  if (query.architecture !== undefined) filters.push(sql`architecture = ${query.architecture}`);
  if (query.experiment !== undefined) filters.push(sql`experiment = ${query.experiment}`);
  if (query.minAccuracy !== undefined) filters.push(sql`accuracy >= ${query.minAccuracy}::float8`);
  if (query.maxAccuracy !== undefined) filters.push(sql`accuracy <= ${query.maxAccuracy}::float8`);
  if (query.from !== undefined) filters.push(sql`finished_at >= ${toTimestamp(query.from)}::timestamptz`);
  if (query.to !== undefined) filters.push(sql`finished_at < ${toTimestamp(query.to)}::timestamptz`);
  return filters;
}

/** Postgres knows no year 0. */
const firstYear = Date.parse('0001-01-01T00:00:00Z');
const toTimestamp = (text: string): Date => new Date(Math.max(firstYear, Date.parse(text)));

export const results = (client: Client, read: ReadRows, project: string) => ({
  find: (jobId: string) => find(client, project, jobId),
  history: (query: ResultsQuery) => history(read, project, query),
});
