import { type JobEvent, jobEventTypeSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { Batcher } from '../postgres/batcher.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

/** Events of a project's job with sequence numbers greater than `after`, at most `limit`, in order. */
type Request = { project: string; jobId: string; after: number; limit: number };

const eventRowSchema = z.object({
  sequence: z.int(),
  type: jobEventTypeSchema,
  at: z.date(),
  attempt: z.int(),
  data: z.record(z.string(), z.unknown()),
});

async function list(postgres: Postgres, { project, jobId, after, limit }: Request): Promise<JobEvent[]> {
  const rows = await postgres.query(
    eventRowSchema,
    sql`-- name: list_events
    SELECT sequence, type::text, at, events.attempt, data FROM events JOIN jobs ON jobs.id = events.job_id
    WHERE job_id = ${jobId} AND project = ${project} AND sequence > ${after}::int
    ORDER BY sequence LIMIT ${limit}::int`,
  );
  return rows.map(toEvent);
}

const toEvent = ({ at, ...event }: z.output<typeof eventRowSchema>): JobEvent => ({ ...event, at: at.toISOString() });

/** One statement for all equal requests: everybody who watches a job sends the same one after each new event. */
async function listEach(postgres: Postgres, requests: Request[]): Promise<JobEvent[][]> {
  const lists = new Map<string, Promise<JobEvent[]>>();
  return Promise.all(
    requests.map((request) => {
      const key = Object.values(request).join('/');
      const shared = lists.get(key) ?? list(postgres, request);
      lists.set(key, shared);
      return shared;
    }),
  );
}

/** Reads events; equal calls at the same time share a statement. */
export class EventReads {
  readonly #lists: Batcher<Request, JobEvent[]>;

  constructor(postgres: Postgres) {
    this.#lists = new Batcher((requests) => listEach(postgres, requests), { size: 500, lanes: 2 });
  }

  list(request: Request): Promise<JobEvent[]> {
    return this.#lists.call(request);
  }
}

/** The events of a project's jobs. */
export class Events {
  constructor(
    private readonly postgres: Postgres,
    private readonly reads: EventReads,
    private readonly project: string,
  ) {}

  /** At most `limit` events with sequence numbers greater than `after`, in order. */
  list(jobId: string, after: number, limit: number): Promise<JobEvent[]> {
    return this.reads.list({ project: this.project, jobId, after, limit });
  }

  /** The last `count` of those, in order. */
  async last(jobId: string, after: number, count: number): Promise<JobEvent[]> {
    const rows = await this.postgres.query(
      eventRowSchema,
      sql`-- name: list_last_events
      SELECT sequence, type::text, at, events.attempt, data FROM events JOIN jobs ON jobs.id = events.job_id
      WHERE job_id = ${jobId} AND project = ${this.project} AND sequence > ${after}::int
      ORDER BY sequence DESC LIMIT ${count}::int`,
    );
    return rows.map(toEvent).reverse();
  }
}
