import { type AttemptKey, type Delivery, deliverySchema } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';
import { headOfQueue } from './queueOrder.js';

const outboxRowSchema = deliverySchema.extend({ id: z.bigint() });

/** Deliveries that the relay has not yet added to the queue. */
export class Outbox {
  constructor(private readonly postgres: Postgres) {}

  /**
   * Passes the oldest rows to `publish` and deletes them when it resolves; if it throws, they stay. Several processes
   * may do this at the same time: each gets other rows. A crash between the two steps publishes a row a second time,
   * which the queue ignores.
   *
   * @returns the number of published rows.
   */
  take(limit: number, publish: (deliveries: Delivery[]) => Promise<void>): Promise<number> {
    return this.postgres.transaction(async (tx) => {
      const rows = await tx.query(
        outboxRowSchema,
        sql`
        SELECT id, job_id AS "jobId", attempt, priority FROM outbox
        ORDER BY id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`,
      );
      if (rows.length === 0) return 0;
      await publish(rows.map(({ id: _id, ...delivery }) => delivery));
      await tx.execute(sql`DELETE FROM outbox WHERE id = ANY(${rows.map(({ id }) => id)}::bigint[])`);
      return rows.length;
    });
  }

  /** The queued jobs, in the order in which they should start. */
  queued(limit: number): Promise<Delivery[]> {
    return this.postgres.query(deliverySchema, queuedStatement(limit));
  }

  /** Those of the attempts for which no job is queued. */
  async notQueued<T extends AttemptKey>(attempts: T[]): Promise<T[]> {
    const queued = await this.postgres.prisma.job.findMany({
      where: { state: 'queued', id: { in: attempts.map(({ jobId }) => jobId) } },
      select: { id: true, attempt: true },
    });
    const next = new Map(queued.map(({ id, attempt }) => [id, attempt]));
    return attempts.filter(({ jobId, attempt }) => next.get(jobId) !== attempt);
  }
}

export const queuedStatement = (limit: number): Sql => sql`
  ${headOfQueue(limit)}
  SELECT id AS "jobId", attempt, priority FROM head ORDER BY position`;
