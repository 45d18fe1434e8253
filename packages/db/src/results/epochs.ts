import type { EpochMetrics } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const curveRowSchema = z.object({
  jobId: z.string(),
  /** Null: the job has no checkpoint that says it. */
  stepsPerEpoch: z.int().nullable(),
  /**
   * Epoch, seconds of training and validation since the beginning, losses and accuracies of both, and whether it is the
   * best.
   */
  epochs: z.array(z.tuple([z.int(), z.number(), z.number(), z.number(), z.number(), z.number(), z.boolean()])),
});
/** The epochs of one of several jobs. */
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
   * The curves of several jobs, in no order; of unknown jobs there are none. An array an epoch, for a hundred jobs with
   * thousands of them, is read in a third of the time of a row each.
   * @param points epochs a job at most, 2 or more: of more, evenly distributed ones with the first and the last
   */
  curves(jobIds: readonly string[], points: number): Promise<CurveRow[]> {
    return this.postgres.query(
      curveRowSchema,
      sql`
      SELECT jobs.id AS "jobId", (
          SELECT max((global_step - step) / epoch)::int FROM checkpoints WHERE job_id = jobs.id AND epoch > 0
        ) AS "stepsPerEpoch", coalesce((
          SELECT json_agg(json_build_array(epoch, seconds, train_loss, train_accuracy, validation_loss,
            validation_accuracy, best) ORDER BY epoch)
          FROM (
            SELECT *, sum(train_seconds + validation_seconds) OVER so_far AS seconds,
              row_number() OVER so_far - 1 AS position, count(*) OVER () AS n
            FROM epoch_metrics WHERE job_id = jobs.id WINDOW so_far AS (ORDER BY epoch)
          ) AS numbered
          WHERE position = n - 1 OR n <= ${points}::int
            OR position % ceil((n - 1) / (${points}::int - 1.0))::int = 0
        ), '[]') AS epochs
      FROM jobs WHERE jobs.project = ${this.project} AND jobs.id = ANY(${[...jobIds]}::text[])`,
    );
  }
}
