import type { EpochMetrics } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const curveRowSchema = z.object({
  jobId: z.string(),
  epoch: z.int(),
  /** Since the beginning; null: the job has no checkpoint that says it. */
  steps: z.int().nullable(),
  /** Of training and validation, since the beginning. */
  seconds: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  best: z.boolean(),
});
/** An epoch of one of several jobs. */
export type CurveRow = z.output<typeof curveRowSchema>;

/** The metrics of the epochs of a project's jobs. */
export class Epochs {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /** From the first epoch. */
  async list(jobId: string): Promise<EpochMetrics[]> {
    const rows = await this.postgres.prisma.epochMetrics.findMany({
      where: { jobId, attemptRow: { job: { project: this.project } } },
      omit: { jobId: true, attempt: true },
      orderBy: { epoch: 'asc' },
    });
    return rows;
  }

  /**
   * The curves of several jobs, in the order of ids and epochs.
   * @param points epochs a job at most, 2 or more: of more, evenly distributed ones with the first and the last
   */
  curves(jobIds: readonly string[], points: number): Promise<CurveRow[]> {
    return this.postgres.query(
      curveRowSchema,
      sql`
      WITH numbered AS (
        SELECT epochs.*, sum(train_seconds + validation_seconds) OVER so_far AS seconds,
          row_number() OVER so_far - 1 AS position, count(*) OVER (PARTITION BY job_id) AS n
        FROM epoch_metrics AS epochs JOIN jobs ON jobs.id = job_id
        WHERE jobs.project = ${this.project} AND job_id = ANY(${[...jobIds]}::text[])
        WINDOW so_far AS (PARTITION BY job_id ORDER BY epoch)
      ), per_epoch AS (
        SELECT job_id, max((global_step - step) / epoch) AS steps FROM checkpoints
        WHERE job_id = ANY(${[...jobIds]}::text[]) AND epoch > 0 GROUP BY job_id
      )
      SELECT job_id AS "jobId", epoch, (epoch * per_epoch.steps)::int AS steps, seconds,
        train_loss AS "trainLoss", train_accuracy AS "trainAccuracy", validation_loss AS "validationLoss",
        validation_accuracy AS "validationAccuracy", best
      FROM numbered LEFT JOIN per_epoch USING (job_id)
      WHERE position = n - 1 OR n <= ${points}::int OR position % ceil((n - 1) / (${points}::int - 1.0))::int = 0
      ORDER BY job_id, epoch`,
    );
  }
}
