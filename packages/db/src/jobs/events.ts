import type { JobEvent } from '@trainyard/contracts';
import { Batcher } from '../postgres/batcher.js';
import { type ReadRows, sql } from '../postgres/client.js';
import { type EventRow, toEvent } from './rows.js';

/** The events of a project's job with sequence numbers greater than `after`, at most `limit`, in their order. */
type Asked = { project: string; jobId: string; after: number; limit: number };

async function list(read: ReadRows, { project, jobId, after, limit }: Asked): Promise<JobEvent[]> {
  const rows = await read<EventRow>(sql`-- name: list_events
    SELECT sequence, type::text, at, events.attempt, data FROM events JOIN jobs ON jobs.id = events.job_id
    WHERE job_id = ${jobId} AND project = ${project} AND sequence > ${after}::int
    ORDER BY sequence LIMIT ${limit}::int`);
  return rows.map(toEvent);
}

/** One statement for all that ask the same, as everybody does who watches a job when it has a new event. */
async function listEach(read: ReadRows, asked: Asked[]): Promise<JobEvent[][]> {
  const lists = new Map<string, Promise<JobEvent[]>>();
  return Promise.all(
    asked.map((one) => {
      const key = Object.values(one).join('/');
      const shared = lists.get(key) ?? list(read, one);
      lists.set(key, shared);
      return shared;
    }),
  );
}

/** Reads events; calls at the same time share statements. */
export class EventReads {
  readonly #lists: Batcher<Asked, JobEvent[]>;

  constructor(read: ReadRows) {
    this.#lists = new Batcher((asked) => listEach(read, asked), { size: 500, lanes: 2 });
  }

  list(asked: Asked): Promise<JobEvent[]> {
    return this.#lists.call(asked);
  }
}

export const events = (reads: EventReads, project: string) => ({
  list: (jobId: string, after: number, limit: number) => reads.list({ project, jobId, after, limit }),
});
