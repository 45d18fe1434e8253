import { ConflictError, type JobState, NotFoundError } from '@trainyard/contracts';
import { type Client, sql } from '../postgres/client.js';
import { enqueue, type Move, move, noFailure } from './transitions.js';

/** What a user asks of a job: the moves that do it, of which the job's state allows at most one. */
export type Change = {
  moves: (Omit<Move, 'where'> & { from: readonly JobState[]; queues?: boolean })[];
  /** States in which there is nothing (more) to do. */
  done: readonly JobState[];
  /** Why the states that are left refuse. */
  refusal: string;
};

/** A queued job is cancelled at once; of a running one it is asked, and asking again changes nothing. */
export const cancel: Change = {
  moves: [
    {
      from: ['queued', 'paused'],
      set: [sql`state = 'cancelled', finished_at = now()`],
      events: [{ type: 'cancelled' }],
    },
    { from: ['running', 'pausing'], set: [sql`state = 'cancelling'`], events: [{ type: 'cancelling' }] },
  ],
  done: ['cancelling'],
  refusal: 'a job that has ended cannot be cancelled',
};

/** A queued job is paused at once; of a running one it is asked: its attempt ends with a checkpoint, as one that is handed back. */
export const pause: Change = {
  moves: [
    { from: ['queued'], set: [sql`state = 'paused'`], events: [{ type: 'paused' }] },
    { from: ['running'], set: [sql`state = 'pausing'`], events: [{ type: 'pausing' }] },
  ],
  done: ['pausing', 'paused'],
  refusal: 'only a queued or running job can be paused',
};

/** A paused job is queued, to go on from its newest checkpoint. One that is still pausing goes on, or is handed back. */
export const resume: Change = {
  moves: [
    {
      from: ['paused'],
      set: [sql`state = 'queued', attempt = attempt + 1`],
      events: [{ type: 'resumed' }],
      queues: true,
    },
    { from: ['pausing'], set: [sql`state = 'running'`], events: [{ type: 'resumed' }] },
  ],
  done: ['queued', 'running'],
  refusal: 'only a paused job can be resumed',
};

/** Queues the job again, with all its attempts before it; it goes on from its newest checkpoint. */
export const retry: Change = {
  moves: [
    {
      from: ['failed', 'cancelled'],
      set: [sql`state = 'queued', attempt = attempt + 1, failures = 0, finished_at = NULL, progress = NULL`, noFailure],
      events: [{ type: 'retried' }],
      queues: true,
    },
  ],
  done: [],
  refusal: 'only a failed or cancelled job can be retried',
};

/** @throws NotFoundError, or ConflictError where the job's state refuses. */
export async function change(
  client: Client,
  project: string,
  id: string,
  { moves, done, refusal }: Change,
): Promise<void> {
  await client.$transaction(async (tx) => {
    for (const { from, queues, ...rest } of moves) {
      const moved = await move(tx, {
        where: sql`id = ${id} AND project = ${project} AND state = ANY(${from}::job_state[])`,
        ...rest,
      });
      if (moved) return queues ? enqueue(tx, moved) : undefined;
    }
    const job = await tx.job.findUnique({ where: { id, project }, select: { state: true } });
    if (job === null) throw new NotFoundError(`job ${id}`);
    if (!done.includes(job.state)) throw new ConflictError(`${refusal}; job ${id} is ${job.state}`);
  });
}
