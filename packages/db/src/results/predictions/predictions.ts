import {
  type DatasetPredictionsQuery,
  type ImageRun,
  type ImageRunsQuery,
  type Page,
  probabilityScale,
} from '@trainyard/contracts';
import { z } from 'zod';
import { decodeCursor, toPage } from '../../postgres/page.js';
import type { Postgres } from '../../postgres/postgres.js';
import { empty, sql } from '../../postgres/sql.js';
import { fromBytes } from './bytes.js';
import { ImageCounts } from './imageCounts.js';
import { JobPredictions } from './jobPredictions.js';

/** A test split: the dataset's name, its digest and its classes in order. */
export interface TestSplit {
  name: string;
  digest: string;
  classes: readonly string[];
  testImages: number;
}

const bytes = z.instanceof(Uint8Array).transform(fromBytes);
const arrays = { predicted: bytes, confidences: bytes, labelProbabilities: bytes };

const jobRowSchema = z.object({
  jobId: z.string(),
  classes: z.array(z.string()),
  datasetDigest: z.string(),
  labels: bytes,
  ...arrays,
});

const runRowSchema = z.object({ jobId: z.string(), ...arrays });

const imageRunRowSchema = z.object({
  id: z.string(),
  value: z.date(),
  name: z.string().nullable(),
  architecture: z.string(),
  testAccuracy: z.number(),
  label: bytes,
  predicted: bytes,
  confidence: bytes,
  labelProbability: bytes,
});

/** Bytes of the arrays of runs that one statement reads. */
const batchBytes = 16 * 2 ** 20;
/** Predictions (runs times images) that are counted at most for one answer. */
const maxCounted = 20_000_000;

/** The predictions of a project's tested jobs, as far as they are kept. */
export class Predictions {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** Null where the job has no predictions, or is of another project. */
  async find(jobId: string): Promise<JobPredictions | null> {
    return (await this.ofJobs([jobId])).get(jobId) ?? null;
  }

  /** Of those jobs that have predictions. */
  async ofJobs(jobIds: readonly string[]): Promise<Map<string, JobPredictions>> {
    const rows = await this.postgres.query(
      jobRowSchema,
      sql`
      SELECT tested.job_id AS "jobId", dataset_digest AS "datasetDigest", labels.labels, predicted, confidences,
        label_probabilities AS "labelProbabilities", (
          SELECT array_agg(name ORDER BY class_index) FROM class_results WHERE class_results.job_id = tested.job_id
        ) AS classes
      FROM test_results AS tested JOIN test_predictions USING (job_id) JOIN test_labels AS labels USING (dataset_digest)
      WHERE tested.project = ${this.project} AND tested.job_id = ANY(${[...jobIds]}::text[])`,
    );
    return new Map(rows.map(({ jobId, classes, ...found }) => [jobId, new JobPredictions(classes, found)]));
  }

  /** What the newest runs said of the images of a test split; runs that failed after their best epoch do not count. */
  async ofSplit(split: TestSplit, query: Omit<DatasetPredictionsQuery, 'format' | 'version'>) {
    const [stored] = await this.postgres.query(
      z.object({ labels: bytes }),
      sql`SELECT labels FROM test_labels WHERE dataset_digest = ${split.digest}`,
    );
    const images = split.testImages;
    const most = Math.max(1, Math.min(query.runs, Math.floor(maxCounted / Math.max(images, 1))));
    const runs = stored === undefined ? [] : await this.newestRuns(split, most);
    const counts = new ImageCounts(split.classes, stored?.labels ?? new Uint16Array(0));
    const batch = Math.max(1, Math.floor(batchBytes / Math.max(6 * images, 1)));
    for (let first = 0; first < runs.length; first += batch) {
      for (const row of await this.readRuns(runs.slice(first, first + batch)))
        counts.add({ ...row, labels: stored?.labels ?? new Uint16Array(0) });
    }
    return { ...counts.page(query), images, runs };
  }

  /** What each run said of one image of a test split, newest first; without runs that failed later. */
  async ofImage(split: TestSplit, image: number, query: Omit<ImageRunsQuery, 'version'>): Promise<Page<ImageRun>> {
    const after = query.cursor === undefined ? empty : isAfter(decodeCursor('imageRuns', query.cursor));
    const from = sql`${2 * image + 1}::int FOR 2`;
    const rows = await this.postgres.query(
      imageRunRowSchema,
      sql`
      SELECT tested.job_id AS id, tested.finished_at AS value, jobs.name, tested.architecture,
        tested.accuracy AS "testAccuracy", substring(labels.labels FROM ${from}) AS label,
        substring(predicted FROM ${from}) AS predicted, substring(confidences FROM ${from}) AS confidence,
        substring(label_probabilities FROM ${from}) AS "labelProbability"
      FROM test_results AS tested JOIN test_predictions USING (job_id) JOIN test_labels AS labels USING (dataset_digest)
        JOIN jobs ON jobs.id = tested.job_id
      WHERE tested.project = ${this.project} AND tested.dataset = ${split.name}
        AND labels.dataset_digest = ${split.digest} AND NOT tested.partial
        ${after}
        ${query.wrong ? sql`AND substring(predicted FROM ${from}) <> substring(labels.labels FROM ${from})` : empty}
      ORDER BY tested.finished_at DESC, tested.job_id DESC LIMIT ${query.limit + 1}::int`,
    );
    const { data, nextCursor } = toPage(rows, query.limit, 'imageRuns', (row) => row);
    return { data: data.map((row) => toImageRun(row, split.classes)), nextCursor };
  }

  private async newestRuns({ name, digest }: TestSplit, limit: number): Promise<string[]> {
    const rows = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`
      SELECT tested.job_id AS id FROM test_results AS tested JOIN test_predictions USING (job_id)
      WHERE tested.project = ${this.project} AND tested.dataset = ${name} AND dataset_digest = ${digest}
        AND NOT tested.partial
      ORDER BY tested.finished_at DESC, tested.job_id DESC LIMIT ${limit}::int`,
    );
    return rows.map(({ id }) => id);
  }

  private readRuns(jobIds: readonly string[]): Promise<z.output<typeof runRowSchema>[]> {
    return this.postgres.query(
      runRowSchema,
      sql`
      SELECT job_id AS "jobId", predicted, confidences, label_probabilities AS "labelProbabilities"
      FROM test_predictions WHERE job_id = ANY(${[...jobIds]}::text[]) ORDER BY job_id`,
    );
  }
}

const isAfter = ({ value, id }: { value: number | Date; id: string }) =>
  sql`AND (tested.finished_at, tested.job_id) < (${new Date(value)}::timestamptz, ${id})`;

function toImageRun(row: z.output<typeof imageRunRowSchema>, classes: readonly string[]): ImageRun {
  const { id: jobId, value, name, architecture, testAccuracy } = row;
  const [label = 0, guess = 0] = [row.label[0], row.predicted[0]];
  return {
    jobId,
    name,
    architecture,
    testAccuracy,
    finishedAt: value.toISOString(),
    predicted: classes[guess] ?? String(guess),
    correct: guess === label,
    confidence: Number(row.confidence[0]) / probabilityScale,
    actualProbability: Number(row.labelProbability[0]) / probabilityScale,
  };
}
